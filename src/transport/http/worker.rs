//! `http` over fetch, for service workers, which have no XMLHttpRequest.

use std::rc::Rc;

use super::client::{BoxSending, Route};
use super::event::{Observe, tell_end};
use super::exchange::send_routed;
use super::response::{Held, Parts, charset_in};
use super::{Event, Moment, Progress, ReadyState, Request, Response, ResponseType, Source};
use crate::browser::clock;
use crate::browser::global::{Scope, scope};
use crate::error::{Error, ErrorKind, Result};
use crate::proto::progress::Meter;
use crate::transport::fetch::{Cache, Fetch};
use crate::transport::xhr::size::exceeded;

/// Lets fetch answer where that is all there is.
pub(super) fn engine_for(request: &mut Request) {
    if request.options.engine.is_none() && scope() == Scope::ServiceWorker {
        request.options.engine = Some(Rc::new(FetchEngine));
        request.options.routed = Some(send_routed);
    }
}

struct FetchEngine;

impl Route for FetchEngine {
    fn send(&self, request: Request) -> BoxSending {
        Box::pin(send(request))
    }
}

async fn send(mut request: Request) -> Result<Response> {
    request.watch();
    let context = request.context.clone();
    let observer = request.options.observer.take();
    let tell = |event| {
        if let Some(observer) = &observer {
            observer.tell(event);
        }
    };
    if context.mime_override.is_some() || request.options.response_type == ResponseType::Document {
        let message = "fetch lays down no media type and parses no document";
        return Err(Error::unsupported(message).with_url(&context.sent.url));
    }
    let wanted = request.options.response_type;
    let most = request.options.max_size.take();
    (request.options.response_type, request.options.timing) = (ResponseType::Bytes, None);
    tell(Event::ReadyState(ReadyState::Opened));
    tell(Event::Download(Moment::LoadStart, Progress::default()));
    let outcome = receive(request, wanted, most, observer.as_deref()).await;
    // Late: of a request that ran meanwhile for the same URL, the timing cannot be told from this one's.
    context.was_sent();
    let moment = match outcome.as_ref().map_err(Error::kind) {
        Ok(_) => Moment::Load,
        Err(ErrorKind::Timeout(_)) => Moment::Timeout,
        Err(ErrorKind::Aborted(_)) => Moment::Abort,
        Err(_) => Moment::Error,
    };
    if let Some(observer) = &observer {
        tell_end(&**observer, moment);
    }
    let (status, parts) = outcome?;
    Ok(Response::new(status, Source::Parts(Box::new(parts)), context))
}

async fn receive(
    request: Request,
    wanted: ResponseType,
    most: Option<u64>,
    observer: Option<&dyn Observe>,
) -> Result<(u16, Parts)> {
    let mut fetch = Fetch::start(request, Cache::Default).await?;
    let status = fetch.status();
    let mut parts = fetch.head();
    parts.charset = charset_in(parts.headers.get("content-type"));
    if let Some(observer) = observer {
        observer.tell(Event::ReadyState(ReadyState::HeadersReceived));
    }
    if wanted == ResponseType::Blob && most.is_none() {
        parts.body = Held::Js(Some(fetch.blob().await?));
        return Ok((status, parts));
    }
    let total = parts.headers.get("content-length").and_then(|length| length.parse().ok());
    let (mut body, mut meter) = (Vec::new(), Meter::default());
    while let Some(piece) = fetch.next().await? {
        body.extend_from_slice(&piece.to_vec());
        let loaded = body.len() as u64;
        if most.is_some_and(|most| loaded > most) {
            return Err(exceeded().with_url(fetch.url()));
        }
        if let Some(observer) = observer {
            let estimate = meter.record(clock::now(), loaded, total);
            let progress = Progress { loaded, total, rate: estimate.rate, remaining: estimate.remaining };
            observer.tell(Event::ReadyState(ReadyState::Loading));
            observer.tell(Event::Download(Moment::Progress, progress));
        }
    }
    parts.body = Held::Bytes(body);
    Ok((status, parts))
}
