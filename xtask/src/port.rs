//! Ports for the servers that we start: a free one, and the wait until it is served.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use tokio::time::sleep;

use crate::process::Group;

/// A port of 127.0.0.1 that is free now. Somebody may take it before it is used: whoever asks tries once more then.
pub(crate) fn free() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// Waits until the process listens there.
pub(crate) async fn open(process: &mut Group, port: u16, limit: Duration) -> Result<()> {
    let give_up = Instant::now() + limit;
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
        if let Some(status) = process.child.try_wait()? {
            bail!("it ended at once: {status}");
        }
        if Instant::now() > give_up {
            bail!("it did not listen within {} s", limit.as_secs());
        }
        sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}
