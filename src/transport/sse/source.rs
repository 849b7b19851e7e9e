//! The engine of the browser's `EventSource`: one after another, made anew when the browser gives up.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use wasm_bindgen::JsCast;
use web_sys::{EventSource, EventSourceInit, MessageEvent};

use super::connect::Resume;
use super::native::Native;
use super::stream::{Source, Status};
use super::{Event, EventStream, ReadyState};
use crate::browser::clock;
use crate::browser::lifecycle::Lifecycle;
use crate::browser::listener::{Listener, Named};
use crate::browser::queue::{Limit, Queue};
use crate::browser::value::text;
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::proto::deadline::Limits;
use crate::proto::url::set_query;
use crate::transport::environment::Capability;
use crate::transport::http::Method;
use crate::transport::race::unless;
use crate::transport::retry::{Bounds, pause};
use crate::transport::watchdog::Watchdog;

pub(super) fn open(options: Native) -> EventStream {
    let status: Rc<Status> = Rc::default();
    status.last_event_id.replace(options.last_event_id.as_str().into());
    let queue = Queue::new(Limit { items: options.most_events, bytes: options.most_bytes });
    let shared = Rc::new(Shared {
        queue,
        status: Rc::clone(&status),
        id: RefCell::new(options.last_event_id.as_str().into()),
        follows_gap: Cell::new(false),
        was_open: Cell::new(false),
        opened_at: Cell::new(None),
        lasted: Cell::new(None),
        end: Cell::new(None),
        waker: Cell::new(None),
        limits: Cell::default(),
        watchdog: RefCell::new(None),
    });
    let driver = Box::pin(drive(options, Rc::clone(&shared)));
    EventStream::new(Engine { driver: Some(driver), failure: None, shared }, status)
}

/// The queue of what has come, and the future that makes one `EventSource` after another.
struct Engine {
    driver: Option<Pin<Box<dyn Future<Output = Error>>>>,
    /// Told once everything before it was read.
    failure: Option<Error>,
    shared: Rc<Shared>,
}

struct Shared {
    queue: Queue<Event>,
    status: Rc<Status>,
    id: RefCell<Rc<str>>,
    follows_gap: Cell<bool>,
    was_open: Cell<bool>,
    /// When the present connection opened.
    opened_at: Cell<Option<Duration>>,
    /// For how long the present `EventSource` was open, at the longest, before a loss.
    lasted: Cell<Option<Duration>>,
    /// How the present `EventSource` ended.
    end: Cell<Option<End>>,
    waker: Cell<Option<Waker>>,
    limits: Cell<Limits>,
    watchdog: RefCell<Option<Watchdog>>,
}

#[derive(Clone, Copy)]
enum End {
    GivenUp,
    Silent(Phase),
    Overflow,
}

struct NoRoom;

/// Makes them until there is no next one, and says why.
async fn drive(options: Native, shared: Rc<Shared>) -> Error {
    match work(&options, &shared).await {
        Ok(never) => match never {},
        Err(error) => error.with_url(&options.url),
    }
}

async fn work(options: &Native, shared: &Rc<Shared>) -> Result<std::convert::Infallible> {
    options.check()?;
    Capability::EventSource.available()?;
    let lifecycle = Lifecycle::watch();
    let bounds = Bounds { lifecycle: Some(&lifecycle), ..Bounds::default() };
    let mut backoff = options.retry.backoff_for(&Method::GET);
    loop {
        lifecycle.until(options.pause, false).await;
        let connection = Connection::new(options, shared)?;
        let end = unless(lifecycle.until(options.pause, true), shared.ended()).await;
        drop(connection);
        shared.watchdog.take();
        shared.lost();
        if let Some(lasted) = shared.lasted.take() {
            backoff.lasted(lasted);
        }
        shared.status.ready_state.set(ReadyState::Connecting);
        let Some(end) = end else { continue };
        if let End::Overflow = end {
            return Err(end.error());
        }
        if pause(&mut backoff, bounds, None).await.is_err() {
            return Err(end.error());
        }
    }
}

/// One `EventSource`; dropping it closes it.
struct Connection {
    source: EventSource,
    _listeners: Vec<Listener<Named>>,
}

impl Connection {
    fn new(options: &Native, shared: &Rc<Shared>) -> Result<Self> {
        let source = make(options, &shared.id.borrow())?;
        shared.end.set(None);
        shared.expect_gap(options.resume.is_some());
        // A server may name its events as the browser names its own.
        let own = |name: &str, run: fn(&Rc<Shared>, &EventSource)| {
            let (shared, source) = (Rc::clone(shared), source.clone());
            Listener::named(source.clone().as_ref(), name, move |event| {
                if !event.is_instance_of::<MessageEvent>() {
                    run(&shared, &source);
                }
            })
        };
        let heartbeat = |name: &String| {
            let shared = Rc::clone(shared);
            Listener::named(source.as_ref(), name, move |event| {
                if event.is_instance_of::<MessageEvent>() {
                    shared.lives();
                }
            })
        };
        let event = |name: &String| {
            let (shared, source, kind) = (Rc::clone(shared), source.clone(), kind(name));
            Listener::named(source.clone().as_ref(), name, move |event| {
                if shared.heard(kind.clone(), &event).is_err() {
                    source.close();
                }
            })
        };
        let mut listeners = vec![own("open", Shared::opened), own("error", Shared::failed)];
        listeners.extend(options.heartbeats.iter().map(heartbeat));
        listeners.extend(options.events.iter().filter(|name| !options.heartbeats.contains(name)).map(event));
        let limits = Limits { first_byte: options.open_timeout, idle: options.idle_timeout, total: None };
        shared.limits.set(limits);
        shared.await_open();
        Ok(Connection { source, _listeners: listeners })
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.source.close();
    }
}

fn make(options: &Native, id: &str) -> Result<EventSource> {
    let mut url = options.url.clone();
    if let Some(Resume::Query(name)) = options.resume.as_ref().filter(|_| !id.is_empty()) {
        set_query(&mut url, name, id);
    }
    let init = EventSourceInit::new();
    init.set_with_credentials(options.with_credentials);
    EventSource::new_with_event_source_init_dict(&url, &init)
        .map_err(|_| Error::invalid("the browser refuses this URL"))
}

fn kind(name: &str) -> Cow<'static, str> {
    if name == "message" { Cow::Borrowed("message") } else { Cow::Owned(name.to_owned()) }
}

impl Shared {
    /// A new connection cannot be told where the last one ended, unless by its URL.
    fn expect_gap(&self, resumes: bool) {
        let is_known = resumes && !self.id.borrow().is_empty();
        self.follows_gap.set(self.follows_gap.get() || (self.was_open.get() && !is_known));
    }

    /// Starts the limit for opening; that for silence rests until it is open.
    fn await_open(self: &Rc<Self>) {
        let limits = self.limits.get();
        let weak = Rc::downgrade(self);
        let watchdog = (!limits.is_none()).then(|| {
            Watchdog::new(limits, false, move |phase| {
                if let Some(shared) = weak.upgrade() {
                    shared.end(End::Silent(phase));
                }
            })
        });
        if let Some(watchdog) = &watchdog {
            watchdog.rested();
        }
        self.watchdog.replace(watchdog);
    }

    /// A connection is over, if there was one.
    fn lost(&self) {
        if let Some(opened) = self.opened_at.take() {
            let lasted = clock::now().saturating_sub(opened);
            self.lasted.set(self.lasted.get().max(Some(lasted)));
        }
    }

    fn opened(self: &Rc<Self>, _: &EventSource) {
        self.was_open.set(true);
        self.opened_at.set(Some(clock::now()));
        self.status.ready_state.set(ReadyState::Open);
        if let Some(watchdog) = &*self.watchdog.borrow() {
            watchdog.answered();
            watchdog.asked();
        }
        self.wake();
    }

    fn failed(self: &Rc<Self>, source: &EventSource) {
        self.status.ready_state.set(ReadyState::Connecting);
        self.lost();
        if source.ready_state() == EventSource::CLOSED {
            return self.end(End::GivenUp);
        }
        // The browser connects again, with the last event ID if there is one.
        self.expect_gap(true);
        self.await_open();
    }

    /// Fails where there is no room: then nothing more is to be heard, or it would follow a gap.
    fn heard(&self, kind: Cow<'static, str>, event: &web_sys::Event) -> Result<(), NoRoom> {
        let Some(event) = event.dyn_ref::<MessageEvent>() else { return Ok(()) };
        self.lives();
        let data = event.data().as_string().unwrap_or_else(|| text(&event.data()));
        let (before, id) = (Rc::clone(&self.id.borrow()), event.last_event_id());
        let id = if *before == *id { before } else { id.into() };
        let (size, last_event_id) = (data.len(), Rc::clone(&id));
        let event = Event { kind, data, last_event_id, follows_gap: self.follows_gap.take() };
        if self.queue.push(event, size).is_err() {
            self.queue.close();
            self.status.ready_state.set(ReadyState::Connecting);
            self.end(End::Overflow);
            return Err(NoRoom);
        }
        self.id.replace(id);
        Ok(())
    }

    fn lives(&self) {
        if let Some(watchdog) = &*self.watchdog.borrow() {
            watchdog.progressed();
        }
    }

    /// The first end counts, unless there is no going on after it.
    fn end(&self, end: End) {
        if self.end.get().is_none() || matches!(end, End::Overflow) {
            self.end.set(Some(end));
        }
        self.wake();
    }

    fn wake(&self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    async fn ended(&self) -> End {
        poll_fn(|context| {
            if let Some(end) = self.end.get() {
                return Poll::Ready(end);
            }
            self.waker.set(Some(context.waker().clone()));
            Poll::Pending
        })
        .await
    }
}

impl End {
    fn error(self) -> Error {
        match self {
            End::GivenUp => Error::new(
                ErrorKind::Network,
                "the browser gave the events up: the server cannot be reached, refuses them, or has no more",
            ),
            End::Silent(phase) => Error::timeout(phase),
            End::Overflow => {
                Error::new(ErrorKind::TooLarge, "more events waited to be read than the limit allows")
            }
        }
    }
}

impl Engine {
    fn drive(&mut self, context: &mut Context<'_>) {
        let Some(driver) = &mut self.driver else { return };
        if let Poll::Ready(error) = driver.as_mut().poll(context) {
            self.driver = None;
            self.failure = Some(error);
            self.shared.queue.close();
        }
    }
}

impl Source for Engine {
    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Event>>> {
        self.drive(context);
        match self.shared.queue.poll_next(context) {
            Poll::Ready(None) => Poll::Ready(self.failure.take().map(Err)),
            polled => polled.map(|event| event.map(Ok)),
        }
    }

    fn poll_open(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.drive(context);
        let is_decided = self.driver.is_none() || self.shared.status.ready_state.get() == ReadyState::Open;
        if is_decided { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // The driver holds the connection, and listeners hold the queue: the one goes first.
        self.driver = None;
    }
}
