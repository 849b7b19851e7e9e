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
use super::kept::Kept;
use super::pressure::Turn;
use super::reconnect::{Heartbeat, Hidden, Reconnect};
use super::shared::Shared;
use super::signal::Signal;
use super::{CloseEvent, State, WebSocket};
use crate::browser::clock;
use crate::browser::lifecycle::{Lifecycle, Pause};
use crate::browser::signal::Aborted;
use crate::browser::timer::{Sleep, sleep};
use crate::error::{AbortedBy, Error, ErrorKind};
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
    /// Whether the machine was told that the program wants no more of it.
    closes: bool,
    /// How the last connection ended.
    end: Option<CloseEvent>,
    /// The same of the latest attempt.
    lost: Option<CloseEvent>,
    failure: Option<Error>,
    page: Page,
    signal: Option<Aborted>,
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
    Refused(Error),
    Open { socket: WebSocket, closed: Closing, beat: Option<Pulsing>, flush: Option<Turn> },
    Closing(Closing),
    Waiting(Sleep),
    Nothing,
}

struct Pulsing {
    pulse: Pulse,
    next: Sleep,
    question: Question,
}

/// What was in the browser's buffer when the server was asked, and how much had left it.
#[derive(Default)]
struct Question {
    before: usize,
    gone: usize,
}

impl Driver {
    pub(super) fn new(kept: Rc<Kept>, connect: Connect, rules: Reconnect, heard: Rc<Cell<Duration>>) -> Self {
        let page = Page::watch();
        let waits_hidden = rules.hidden == Hidden::Wait;
        let signal = connect.signal().map(Signal::aborted);
        let mut driver = Driver {
            machine: Reconnector::new(rules.policy, waits_hidden, page.hidden),
            kept,
            connect,
            rules,
            now: Now::Nothing,
            heard,
            closes: false,
            end: None,
            lost: None,
            failure: None,
            page,
            signal,
        };
        driver.begin();
        driver
    }

    /// What happened next.
    fn next_input(&mut self, context: &mut Context<'_>) -> Option<Input> {
        if self.kept.poll_closing(context) && !replace(&mut self.closes, true) {
            return Some(Input::Close);
        }
        if let Some(change) = self.page.next_change(context) {
            self.look_at_the_heart();
            return Some(change);
        }
        if self.is_given_up(context) {
            return Some(self.not_made(Error::aborted(AbortedBy::Caller).with_url(&self.kept.url)));
        }
        match &mut self.now {
            Now::Nothing => None,
            Now::Waiting(wait) => ready(Pin::new(wait).poll(context)).map(|()| Input::Due),
            Now::Refused(_) => match replace(&mut self.now, Now::Nothing) {
                Now::Refused(error) => Some(self.not_made(error)),
                _ => None,
            },
            Now::Connecting(connecting) => match ready(Pin::new(connecting).poll(context))? {
                Ok(socket) => Some(self.opened(socket, context)),
                Err(error) => Some(self.not_made(error)),
            },
            Now::Closing(closing) => {
                let end = ready(Pin::new(closing).poll(context))?;
                Some(self.lost(end))
            }
            Now::Open { socket, closed, beat, flush } => {
                if let Poll::Ready(end) = Pin::new(closed).poll(context) {
                    return Some(self.lost(end));
                }
                let alive = match (beat, &self.rules.heartbeat) {
                    // The end of a closing one has a limit of its own.
                    (Some(beat), Some(heartbeat)) if socket.state() == State::Open => {
                        beat.poll(heartbeat, self.heard.get(), &socket.socket().shared, context)
                    }
                    _ => true,
                };
                if !alive {
                    return Some(self.found_dead());
                }
                if flush.as_mut().is_some_and(|turn| self.kept.poll_flush(turn, context).is_ready()) {
                    *flush = None;
                }
                None
            }
        }
    }

    /// Whether the caller's signal says that there are to be no new attempts; one on its way hears it itself.
    fn is_given_up(&mut self, context: &mut Context<'_>) -> bool {
        let is_between = matches!(self.now, Now::Waiting(_) | Now::Nothing);
        let signal = self.signal.as_mut().filter(|_| is_between);
        signal.is_some_and(|signal| Pin::new(signal).poll(context).is_ready())
    }

    /// Timers stood still with the page: what they wait for may be over.
    fn look_at_the_heart(&mut self) {
        if let Now::Open { beat: Some(beat), .. } = &mut self.now {
            beat.next = sleep(Duration::ZERO);
        }
    }

    fn opened(&mut self, socket: WebSocket, context: &Context<'_>) -> Input {
        self.heard.set(clock::now());
        let beat = self.rules.heartbeat.as_ref().map(Pulsing::new);
        let closed = socket.closed();
        // Before anybody else can send.
        let mut turn = Turn::new(Rc::clone(&socket.socket().shared));
        let flush = self.kept.poll_flush(&mut turn, context).is_pending().then_some(turn);
        self.kept.set_current(Some(socket.clone()));
        self.now = Now::Open { socket, closed, beat, flush };
        self.kept.log.add(Change::Open);
        Input::Opened
    }

    /// What is wrong with the address stays wrong.
    fn not_made(&mut self, error: Error) -> Input {
        let again = matches!(error.kind(), ErrorKind::Network | ErrorKind::Timeout(_));
        self.lost = None;
        self.failure = Some(error);
        Input::Lost { again }
    }

    fn lost(&mut self, end: CloseEvent) -> Input {
        let socket = self.kept.current();
        self.failure = socket.and_then(|socket| socket.socket().shared.take_failure());
        // A reader that is too far behind is no fault of the connection.
        let again = self.failure.is_none() && (self.rules.again)(&end);
        self.lost = Some(end.clone());
        self.end = Some(end);
        Input::Lost { again }
    }

    fn found_dead(&mut self) -> Input {
        if let Some(socket) = self.kept.current() {
            socket.socket().shared.take_for_dead();
            self.end = socket.close_event();
        }
        self.lost = None;
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
                self.kept.log.add(Change::Lost { end: self.lost.take(), again_in });
            }
            Step::Hold => {
                self.now = Now::Nothing;
                self.kept.log.add(Change::Hidden);
            }
            Step::Close => {
                if let Some(socket) = self.kept.current() {
                    self.now = Now::Closing(socket.closed());
                    self.kept.log.add(Change::Closing);
                }
            }
            Step::End => {
                self.leave();
                let end = self.end.take();
                let failure =
                    (!self.closes).then(|| self.failure.take().unwrap_or_else(|| self.given_up(&end)));
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
        self.now = match self.connect.feed(Rc::clone(&self.kept.incoming)) {
            Ok(connecting) => Now::Connecting(connecting),
            Err(error) => Now::Refused(error),
        };
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
        Poll::Pending
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
        Pulsing { pulse, next: sleep(heartbeat.every), question: Question::default() }
    }

    /// Whether the connection may be alive.
    fn poll(
        &mut self,
        heartbeat: &Heartbeat,
        heard: Duration,
        shared: &Shared,
        context: &mut Context<'_>,
    ) -> bool {
        while Pin::new(&mut self.next).poll(context).is_ready() {
            let now = clock::now();
            self.pulse.heard(if self.question.waits_behind_what_is_sent(shared) { now } else { heard });
            let wait = match self.pulse.beat(now) {
                Beat::Sleep(wait) => wait,
                Beat::Dead => return false,
                Beat::Ping => {
                    self.question = Question { before: shared.buffered(), gone: shared.gone() };
                    // Past the mark: a ping that waited for room would prove nothing.
                    let _ = shared.send(&(heartbeat.ping)().into());
                    heartbeat.patience
                }
            };
            self.next = sleep(wait);
        }
        true
    }
}

impl Question {
    /// Whether some of what was before it has been sent meanwhile: the answer may be as slow.
    fn waits_behind_what_is_sent(&mut self, shared: &Shared) -> bool {
        let gone = shared.gone();
        replace(&mut self.gone, gone) != gone && replace(&mut self.before, shared.buffered()) > 0
    }
}

fn ready<T>(poll: Poll<T>) -> Option<T> {
    match poll {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}
