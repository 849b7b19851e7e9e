//! The library's own engine: connections, one after another, and the parser that reads them.

use std::future::Future;
use std::mem::{replace, take};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use super::connect::Connect;
use super::stream::{Source, Status};
use super::{Event, EventStream, ReadyState};
use crate::browser::clock;
use crate::browser::global::require_browser;
use crate::browser::lifecycle::{Lifecycle, Pause};
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::proto::backoff::Backoff;
use crate::proto::charset::mime_essence;
use crate::proto::sse::Parser;
use crate::transport::http::{Request, within};
use crate::transport::incoming::{Incoming, Step};
use crate::transport::race::unless;
use crate::transport::rest::Rest;
use crate::transport::retry::{Bounds, Stop, Verdict, attempts, is_passing, pause};

/// Everything that outlives a connection.
pub(super) struct Session {
    options: Connect,
    parser: Parser,
    backoff: Backoff,
    deadline: Option<Duration>,
    lifecycle: Option<Lifecycle>,
    connection: Option<Box<dyn Incoming>>,
    /// The ID of the first event that came of it, and of the one before.
    first: Option<Rc<str>>,
    first_before: Option<Rc<str>>,
    /// Whether the one before was used up by an event that it did not give.
    was_stuck: bool,
    /// Whether there was a connection before this one.
    was_open: bool,
    follows_gap: bool,
    status: Rc<Status>,
}

/// The session, and what it is doing.
struct Engine {
    state: State,
    /// What came of [`Source::poll_open`] and is still to be told.
    held: Option<Result<Event>>,
}

enum State {
    /// Its parser is to be asked.
    Ready(Box<Session>),
    /// It waits for bytes, or for a connection.
    Busy(Work),
    Over,
}

/// The session is handed back with what came of it.
type Work = Pin<Box<dyn Future<Output = (Box<Session>, Result<More>)>>>;

/// What waiting came to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum More {
    Bytes,
    Connection,
    Nothing,
}

impl Session {
    pub(super) fn open(mut options: Connect) -> EventStream {
        let status: Rc<Status> = Rc::default();
        status.last_event_id.replace(options.last_event_id.as_str().into());
        if !options.request.headers().contains("accept") {
            options.request = options.request.header("accept", "text/event-stream");
        }
        let session = Session {
            parser: Parser::new(options.max_event, &options.last_event_id),
            backoff: options.retry.backoff_for(options.request.method()),
            options,
            deadline: None,
            lifecycle: None,
            connection: None,
            first: None,
            first_before: None,
            was_stuck: false,
            was_open: false,
            follows_gap: false,
            status: Rc::clone(&status),
        };
        EventStream::new(Engine { state: State::Ready(Box::new(session)), held: None }, status)
    }

    /// The next event that is here already.
    fn take_event(&mut self) -> Result<Option<Event>> {
        match self.parser.next_event() {
            Ok(Some(event)) => {
                self.first.get_or_insert_with(|| Rc::clone(&event.last_event_id));
                Ok(Some(Event::of(event, take(&mut self.follows_gap))))
            }
            Ok(None) => {
                self.note_id();
                Ok(None)
            }
            Err(large) => {
                let error = Error::new(ErrorKind::TooLarge, large.to_string()).with_offset(large.offset);
                Err(self.located(error))
            }
        }
    }

    /// A block of an `id` alone counts too.
    fn note_id(&self) {
        let id = self.parser.last_event_id();
        if *self.status.last_event_id.borrow().as_ref() != *id {
            self.status.last_event_id.replace(id.into());
        }
    }

    async fn work(mut self: Box<Self>) -> (Box<Self>, Result<More>) {
        let outcome = self.more().await;
        (self, outcome)
    }

    /// Connects if there is no connection, otherwise waits for bytes; across as many connections as it takes.
    async fn more(&mut self) -> Result<More> {
        let Some(connection) = self.connection.take() else { return self.connect().await };
        match self.read(connection).await {
            Ok(Step::Piece(connection, piece)) => {
                self.connection = Some(connection);
                self.parser.feed_with(piece.len(), |room| piece.copy_to(room));
                Ok(More::Bytes)
            }
            Ok(Step::End) => self.lost(None).await,
            Ok(Step::Full(_)) => self.full().await,
            Err(error) => self.lost(Some(error)).await,
        }
    }

    /// The next piece, unless it is time to rest: then the connection is closed, which is no failure.
    async fn read(&self, connection: Box<dyn Incoming>) -> Result<Step> {
        let Some(lifecycle) = &self.lifecycle else { return Ok(Step::End) };
        let rest = lifecycle.until(self.options.pause, true);
        unless(rest, connection.read()).await.unwrap_or(Ok(Step::End))
    }

    async fn connect(&mut self) -> Result<More> {
        self.begin()?;
        let (options, deadline) = (&self.options, self.deadline);
        let Some(lifecycle) = &self.lifecycle else { return Ok(More::Nothing) };
        let bounds = bounds(&options.request, deadline, Some(lifecycle));
        let rest = Rest { lifecycle, pause: options.pause, deadline, signal: bounds.signal };
        let id = self.parser.last_event_id();
        let request = || options.resume.apply(within(options.request.repeat(), deadline), id);
        let attempt = || rest.attempt(|| open(options, request()), true);
        let judge = |outcome: &Result<Answer>| match outcome {
            Ok(Answer::Refused(_, verdict)) => *verdict,
            Err(error) if is_passing(error) => Verdict::Again(None),
            _ => Verdict::Done,
        };
        let (outcome, tries) = attempts(&mut self.backoff, bounds, attempt, judge).await;
        let connection = match outcome {
            Ok(Answer::Events(connection)) => connection,
            Ok(Answer::NoMore) => return Ok(More::Nothing),
            Ok(Answer::Refused(error, _)) | Err(error) => {
                return Err(error.with_attempts(tries).with_url(&options.request.context.sent.url));
            }
        };
        self.backoff.opened(clock::now());
        self.follows_gap |= self.was_open && id.is_empty();
        self.was_open = true;
        self.first_before = self.first.take();
        self.connection = Some(connection);
        self.status.ready_state.set(ReadyState::Open);
        Ok(More::Connection)
    }

    /// What needs a browser, and so cannot be done before the first poll.
    fn begin(&mut self) -> Result<()> {
        require_browser()?;
        if let Some(refusal) = self.options.engine.refusal() {
            return Err(refusal.with_url(&self.options.request.context.sent.url));
        }
        let pauses = self.options.pause != Pause::default();
        if pauses && !self.options.retry.may_repeat(self.options.request.method()) {
            let error = Error::unsupported("a request that may not be sent again cannot be paused");
            return Err(self.located(error));
        }
        if self.lifecycle.is_none() {
            self.lifecycle = Some(Lifecycle::watch());
            self.deadline =
                self.options.request.options.limits.total.map(|total| clock::now().saturating_add(total));
        }
        Ok(())
    }

    /// The connection ended, with or without an error: waits until it is time for the next one, if there may be one.
    async fn lost(&mut self, error: Option<Error>) -> Result<More> {
        let rests = self.lifecycle.as_ref().is_some_and(|lifecycle| lifecycle.rests(self.options.pause));
        let was_cut = !self.parser.is_between_blocks();
        if !self.options.retry.may_repeat(self.options.request.method()) {
            return self.ended(error, was_cut);
        }
        if error.as_ref().is_some_and(|error| !is_passing(error)) {
            return self.ended(error, was_cut);
        }
        self.restart();
        if rests {
            return self.connect().await;
        }
        let bounds = bounds(&self.options.request, self.deadline, self.lifecycle.as_ref());
        match pause(&mut self.backoff, bounds, None).await {
            Ok(()) => self.connect().await,
            Err(Stop::Deadline) => Err(error.unwrap_or_else(|| self.located(Error::timeout(Phase::Total)))),
            // One whose policy has no attempts ends as its response does.
            Err(Stop::Enough) if self.backoff.attempts() == 0 => self.ended(error, was_cut),
            Err(Stop::Enough) => Err(error.unwrap_or_else(|| {
                self.located(Error::new(
                    ErrorKind::Network,
                    "the server ended the response, and there are no more attempts",
                ))
            })),
            Err(stop) => stop.or(Ok(More::Nothing)),
        }
    }

    /// The connection has used up what it may: nothing has failed, so the next one is made at once if it goes on elsewhere.
    async fn full(&mut self) -> Result<More> {
        let may_repeat = self.options.retry.may_repeat(self.options.request.method());
        if !may_repeat {
            return Err(self.over_budget(
                "the budget of the XMLHttpRequest is used up, and the request may not be sent again",
            ));
        }
        // Once, other things may have come before the event.
        let is_stuck = self.first.is_none() && !self.parser.is_between_blocks();
        if replace(&mut self.was_stuck, is_stuck) && is_stuck {
            return Err(
                self.over_budget("an event has more bytes than the budget of an XMLHttpRequest: raise it")
            );
        }
        let goes_on = self.first.as_ref().is_some_and(|id| !id.is_empty()) && self.first != self.first_before;
        self.restart();
        if goes_on {
            return self.connect().await;
        }
        // The server may begin anew, and never come further.
        let bounds = bounds(&self.options.request, self.deadline, self.lifecycle.as_ref());
        match pause(&mut self.backoff, bounds, None).await {
            Ok(()) => self.connect().await,
            Err(Stop::Deadline) => Err(self.located(Error::timeout(Phase::Total))),
            Err(stop) => stop.or(Err(self
                .over_budget("the budget of the XMLHttpRequest is used up, and there are no more attempts"))),
        }
    }

    fn restart(&mut self) {
        self.status.ready_state.set(ReadyState::Connecting);
        self.parser.restart();
        self.backoff.lost(clock::now());
        if let Some(wait) = self.parser.take_retry() {
            self.backoff.set_floor(wait);
        }
    }

    fn over_budget(&self, message: &'static str) -> Error {
        self.located(Error::new(ErrorKind::TooLarge, message))
    }

    fn located(&self, error: Error) -> Error {
        error.with_url(&self.options.request.context.sent.url)
    }

    /// There is no next connection.
    fn ended(&self, error: Option<Error>, was_cut: bool) -> Result<More> {
        match error {
            Some(error) => Err(error),
            None if was_cut => {
                let error = Error::new(ErrorKind::Network, "the response broke off: it ends within an event");
                Err(self.located(error))
            }
            None => Ok(More::Nothing),
        }
    }
}

fn bounds<'a>(
    request: &'a Request,
    deadline: Option<Duration>,
    lifecycle: Option<&'a Lifecycle>,
) -> Bounds<'a> {
    Bounds { deadline, signal: request.options.signal.as_ref(), lifecycle: lifecycle.map(|one| one as _) }
}

/// What a server said to the question for events.
enum Answer {
    Events(Box<dyn Incoming>),
    /// "Clients will reconnect if the connection is closed; a client can be told to stop reconnecting using the HTTP 204
    /// No Content response code."
    NoMore,
    Refused(Error, Verdict),
}

/// One connection. A refusal's response is let go at once, not kept open until the next one.
async fn open(options: &Connect, request: Request) -> Result<Answer> {
    let connection = options.engine.open(request).await?;
    let status = connection.status();
    if status == 204 {
        return Ok(Answer::NoMore);
    }
    if status != 200 {
        let error = Error::new(ErrorKind::Status(status), "the server answered with another status than 200");
        let verdict = options.retry.judge_status(status, |name| connection.header(name));
        return Ok(Answer::Refused(error, verdict));
    }
    let content_type = connection.header("content-type").unwrap_or_default();
    if !mime_essence(&content_type).eq_ignore_ascii_case("text/event-stream") {
        let error =
            Error::decode("the answer is no event stream: its Content-Type must be text/event-stream");
        return Ok(Answer::Refused(error, Verdict::Done));
    }
    Ok(Answer::Events(connection))
}

impl Engine {
    /// Works until there is an event, or with `until_open` until there is a connection.
    fn poll(&mut self, until_open: bool, context: &mut Context<'_>) -> Poll<Option<Result<Event>>> {
        loop {
            match &mut self.state {
                State::Ready(session) if until_open && session.connection.is_some() => {
                    return Poll::Ready(None);
                }
                State::Ready(session) => {
                    match session.take_event() {
                        Ok(None) => {}
                        Ok(Some(event)) => return Poll::Ready(Some(Ok(event))),
                        Err(error) => {
                            self.state = State::Over;
                            return Poll::Ready(Some(Err(error)));
                        }
                    }
                    if let State::Ready(session) = replace(&mut self.state, State::Over) {
                        self.state = State::Busy(Box::pin(session.work()));
                    }
                }
                State::Busy(work) => {
                    let (session, outcome) = ready!(work.as_mut().poll(context));
                    self.state = State::Over;
                    match outcome {
                        Ok(More::Nothing) => return Poll::Ready(None),
                        Ok(_) => self.state = State::Ready(session),
                        Err(error) => return Poll::Ready(Some(Err(error))),
                    }
                }
                State::Over => return Poll::Ready(None),
            }
        }
    }
}

impl Source for Engine {
    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Event>>> {
        match self.held.take() {
            Some(held) => Poll::Ready(Some(held)),
            None => self.poll(false, context),
        }
    }

    fn poll_open(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.held.is_none() {
            self.held = ready!(self.poll(true, context));
        }
        Poll::Ready(())
    }
}
