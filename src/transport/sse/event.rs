//! One event.

use std::borrow::Cow;
use std::rc::Rc;

use serde::de::DeserializeOwned;

use crate::error::{Error, Result};
use crate::proto::sse::Dispatched;

/// One event, as [`MessageEvent`](https://html.spec.whatwg.org/multipage/comms.html#messageevent) has it.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use futures_util::TryStreamExt;
/// use pagewire::sse;
///
/// let mut events = sse::connect("/orders/events").open();
/// while let Some(event) = events.try_next().await? {
///     match event.event_type() {
///         "placed" => println!("order {} placed", event.data()),
///         other => println!("{other}, after event {}", event.last_event_id()),
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub(super) kind: Cow<'static, str>,
    pub(super) data: String,
    pub(super) last_event_id: Rc<str>,
    pub(super) follows_gap: bool,
}

impl Event {
    pub(super) fn of(dispatched: Dispatched, follows_gap: bool) -> Self {
        let Dispatched { kind, data, last_event_id } = dispatched;
        Event { kind, data, last_event_id, follows_gap }
    }

    /// The type: what the server named with `event:`, otherwise `message`.
    ///
    /// ```no_run
    /// # fn example(event: pagewire::sse::Event) {
    /// let is_mine = event.event_type() == "price";
    /// # }
    /// ```
    #[must_use]
    pub fn event_type(&self) -> &str {
        &self.kind
    }

    /// The data: the `data:` lines, joined by LF.
    ///
    /// ```no_run
    /// # fn example(event: pagewire::sse::Event) {
    /// println!("{}", event.data());
    /// # }
    /// ```
    #[must_use]
    pub fn data(&self) -> &str {
        &self.data
    }

    /// The data, without a copy.
    ///
    /// ```no_run
    /// # fn example(event: pagewire::sse::Event) {
    /// let text: String = event.into_data();
    /// # }
    /// ```
    #[must_use]
    pub fn into_data(self) -> String {
        self.data
    }

    /// The data as JSON.
    ///
    /// ```no_run
    /// # fn example(event: pagewire::sse::Event) -> pagewire::Result<()> {
    /// #[derive(serde::Deserialize)]
    /// struct Price {
    ///     symbol: String,
    ///     cents: u64,
    /// }
    /// let Price { symbol, cents } = event.json()?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if it is not JSON, or not of this shape; the source says where.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(&self.data)
            .map_err(|error| Error::decode("the event is not the JSON that was asked for").with_source(error))
    }

    /// The last `id:` that the server sent, with this event or before it; empty if there was none.
    ///
    /// ```no_run
    /// # fn example(event: pagewire::sse::Event) {
    /// // For `last_event_id` of the next visit.
    /// let position = event.last_event_id().to_owned();
    /// # }
    /// ```
    #[must_use]
    pub fn last_event_id(&self) -> &str {
        &self.last_event_id
    }

    /// True for the first event of a connection that was made anew and could not be told where the last one ended: events
    /// may be missing before this one.
    ///
    /// ```no_run
    /// # fn example(event: pagewire::sse::Event) {
    /// if event.follows_gap() {
    ///     println!("load the whole list again");
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn follows_gap(&self) -> bool {
        self.follows_gap
    }
}
