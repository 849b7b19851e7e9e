//! The pixel.

use std::time::{Duration, Instant};

use crate::client::serve;

#[tokio::test]
async fn a_pixel_is_a_gif_of_the_size_that_was_asked_for() {
    let served = serve().await;
    let answer = served.get("/pixel").await;
    assert_eq!(answer.header("content-type"), Some("image/gif"));
    assert_eq!(answer.body[..10], *b"GIF89a\x01\0\x01\0");
    assert_eq!(answer.body.last(), Some(&b';'));
    let answer = served.get("/pixel?width=300&height=2").await;
    assert_eq!(answer.body[6..10], [44, 1, 2, 0]);
}

#[tokio::test]
async fn a_pixel_comes_with_any_status_and_after_any_delay() {
    let served = serve().await;
    let start = Instant::now();
    let answer = served.get("/pixel?status=404&delay=120").await;
    assert_eq!(answer.status, 404);
    assert!(start.elapsed() >= Duration::from_millis(120));
    assert!(answer.body.starts_with(b"GIF89a"));
    assert_eq!(served.get("/pixel?width=70000").await.status, 400);
}
