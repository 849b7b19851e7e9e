//! The task that keeps a connection up: it tells the state machine what happens, and does what that says.

use std::cell::Cell;
use std::future::Future;
use std::mem::replace;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use super::changes::Change;
use super::connect::{Connect, Connecting};
use super::futures::Closing;
use super::kept::{Kept, Wish};
use super::reconnect::{Heartbeat, Hidden, Reconnect};
use super::{Close, CloseEvent, WebSocket};
use crate::browser::clock;
use crate::browser::lifecycle::{Lifecycle, Pause};
use crate::browser::timer::{Sleep, sleep};
use crate::error::{Error, ErrorKind};
use crate::proto::heartbeat::{Beat, Pulse};
use crate::proto::reconnect::{Input, Reconnector, Step};

const HIDDEN: Pause = Pause { hidden: true, offline: false };

pub(super) struct Driver {
    kept: Rc<Kept>,
    connect: Connect,
    rules: Reconnect,
    machine: Reconnector,
    now: Now,
    /// When the last message came.
    heard: Rc<Cell<Duration>>,
    /// How the program wants the connection closed, once it does.
    close: Option<Close>,
    end: Option<CloseEvent>,
    failure: Option<Error>,
    abandoned: bool,
    page: Page,
}

/// The page and its network, as far as the machine was told.
struct Page {
    lifecycle: Lifecycle,
    hidden: bool,
    returns: u32,
}

/// What there is to wait for.
enum Now {
    Connecting(Connecting),
    Open { socket: WebSocket, closed: Closing, beat: Option<Pulsing> },
    Closing(Closing),
    Waiting(Sleep),
    Nothing,
}

struct Pulsing {
    pulse: Pulse,
    next: Sleep,
}

impl Driver {
    pub(super) fn new(kept: Rc<Kept>, connect: Connect, rules: Reconnect, heard: Rc<Cell<Duration>>) -> Self {
        let page = Page::watch();
        let waits_hidden = rules.hidden == Hidden::Wait;
        let mut driver = Driver {
            machine: Reconnector::new(rules.policy, waits_hidden, page.hidden),
            kept,
            connect,
            rules,
            now: Now::Nothing,
            heard,
            close: None,
            abandoned: false,
            end: None,
            failure: None,
            page,
        };
        driver.begin();
        driver
    }

    /// What happened next.
    fn next_input(&mut self, context: &mut Context<'_>) -> Option<Input> {
        if let Some(wish) = self.kept.next_wish(context) {
            return Some(match wish {
                Wish::Close(close) => {
                    self.close.get_or_insert(close);
                    Input::Close
                }
                Wish::Abandon => {
                    self.abandoned = true;
                    return None;
                }
            });
        }
        if let Some(change) = self.page.next_change(context) {
            return Some(change);
        }
        match &mut self.now {
            Now::Nothing => None,
            Now::Waiting(wait) => ready(Pin::new(wait).poll(context)).map(|()| Input::Due),
            Now::Connecting(connecting) => match ready(Pin::new(connecting).poll(context))? {
                Ok(socket) => Some(self.opened(socket)),
                Err(error) => Some(self.not_made(error)),
            },
            Now::Closing(closing) => {
                let end = ready(Pin::new(closing).poll(context))?;
                Some(self.lost(end))
            }
            Now::Open { socket, closed, beat } => {
                if let Poll::Ready(end) = Pin::new(closed).poll(context) {
                    return Some(self.lost(end));
                }
                let alive = match (beat, &self.rules.heartbeat) {
                    (Some(beat), Some(heartbeat)) => beat.poll(heartbeat, self.heard.get(), socket, context),
                    _ => true,
                };
                if !alive {
                    return Some(self.found_dead());
                }
                self.kept.poll_flush(socket, context);
                None
            }
        }
    }

    fn opened(&mut self, socket: WebSocket) -> Input {
        self.heard.set(clock::now());
        let beat = self.rules.heartbeat.as_ref().map(Pulsing::new);
        let closed = socket.closed();
        self.kept.set_current(Some(socket.clone()));
        self.now = Now::Open { socket, closed, beat };
        self.kept.log.add(Change::Open);
        Input::Opened
    }

    /// What is wrong with the address stays wrong.
    fn not_made(&mut self, error: Error) -> Input {
        let again = matches!(error.kind(), ErrorKind::Network | ErrorKind::Timeout(_));
        self.end = None;
        self.failure = Some(error);
        Input::Lost { again }
    }

    fn lost(&mut self, end: CloseEvent) -> Input {
        let socket = self.kept.current();
        self.failure = socket.and_then(|socket| socket.socket().shared.failure.take());
        // A reader that is too far behind is no fault of the connection.
        let again = self.failure.is_none() && (self.rules.again)(&end);
        self.end = Some(end);
        Input::Lost { again }
    }

    fn found_dead(&mut self) -> Input {
        self.end = None;
        self.failure = Some(Error::new(ErrorKind::Network, "no sign of life").with_url(&self.kept.url));
        Input::Lost { again: true }
    }

    /// Does one step; whether it was the last.
    fn act(&mut self, step: Step) -> bool {
        match step {
            Step::Nothing => {}
            Step::Connect => self.begin(),
            Step::Wait(again_in) => {
                self.leave();
                self.now = Now::Waiting(sleep(again_in));
                self.kept.log.add(Change::Lost { end: self.end.clone(), again_in });
            }
            Step::Hold => {
                self.now = Now::Nothing;
                self.kept.log.add(Change::Hidden);
            }
            Step::Close => {
                if let Some(socket) = self.kept.current() {
                    self.now = Now::Closing(socket.close(self.close.clone().unwrap_or_default()));
                    self.kept.log.add(Change::Closing);
                }
            }
            Step::End => {
                self.leave();
                let end = self.end.take();
                let failure =
                    self.close.is_none().then(|| self.failure.take().unwrap_or_else(|| self.given_up(&end)));
                self.kept.finish(end, failure);
                return true;
            }
        }
        false
    }

    fn given_up(&self, end: &Option<CloseEvent>) -> Error {
        let message = "the connection is closed and is not made again";
        Error::new(ErrorKind::Closed, message).with_close(end.clone()).with_url(&self.kept.url)
    }

    fn begin(&mut self) {
        self.kept.log.add(Change::Connecting { attempt: self.machine.attempts() });
        self.now = Now::Connecting(self.connect.feed(Rc::clone(&self.kept.incoming)));
    }

    fn leave(&mut self) {
        self.now = Now::Nothing;
        self.kept.set_current(None);
    }
}

impl Future for Driver {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        while let Some(input) = self.next_input(context) {
            let step = self.machine.take(input, clock::now(), clock::random());
            if self.act(step) {
                return Poll::Ready(());
            }
        }
        if self.abandoned { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Page {
    fn watch() -> Self {
        let lifecycle = Lifecycle::watch();
        Page { hidden: lifecycle.rests(HIDDEN), returns: lifecycle.returns(), lifecycle }
    }

    /// What the machine was not told yet: that it is seen before that it is back, so that nothing waits for it any more.
    fn next_change(&mut self, context: &Context<'_>) -> Option<Input> {
        self.lifecycle.wake_at_change(context);
        let hidden = self.lifecycle.rests(HIDDEN);
        if replace(&mut self.hidden, hidden) != hidden {
            return Some(Input::Hidden(hidden));
        }
        let returns = self.lifecycle.returns();
        (replace(&mut self.returns, returns) != returns).then_some(Input::Online)
    }
}

impl Pulsing {
    fn new(heartbeat: &Heartbeat) -> Self {
        let pulse = Pulse::new(heartbeat.every, heartbeat.patience, clock::now());
        Pulsing { pulse, next: sleep(heartbeat.every) }
    }

    /// Whether the connection may be alive.
    fn poll(
        &mut self,
        heartbeat: &Heartbeat,
        heard: Duration,
        socket: &WebSocket,
        context: &mut Context<'_>,
    ) -> bool {
        while Pin::new(&mut self.next).poll(context).is_ready() {
            self.pulse.heard(heard);
            let wait = match self.pulse.beat(clock::now()) {
                Beat::Sleep(wait) => wait,
                Beat::Dead => return false,
                Beat::Ping => {
                    // Past the mark: a ping that waited for room would prove nothing.
                    let _ = socket.socket().shared.send(&(heartbeat.ping)().into());
                    heartbeat.patience
                }
            };
            self.next = sleep(wait);
        }
        true
    }
}

fn ready<T>(poll: Poll<T>) -> Option<T> {
    match poll {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}
