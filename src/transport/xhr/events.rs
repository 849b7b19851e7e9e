//! Who watches an exchange is told of its events.

use std::cell::RefCell;
use std::rc::Rc;

use super::Shared;
use crate::browser::listener::Listener;
use crate::error::Result;
use crate::proto::progress::Meter;
use crate::transport::http::{Event, Moment, Progress, Reading, ReadyState, Request};

/// A [`Companion`](super::Companion): tells of the states and of the response.
pub(crate) fn tell(shared: &Rc<Shared>, request: &Request, listeners: &mut Vec<Listener>) -> Result<()> {
    let Some(observer) = request.options.observer.clone() else { return Ok(()) };
    observer.tell(Event::ReadyState(ReadyState::Opened));
    let (target, states) = (Rc::clone(shared), Rc::clone(&observer));
    let states = Listener::new(&shared.raw, &["readystatechange"], move |_| {
        states.tell(Event::ReadyState(ReadyState::from_u16(target.raw.ready_state())));
    });
    let meter = RefCell::default();
    let download = Listener::new(&shared.raw, Moment::EVENTS, move |event| {
        let (moment, progress) = read(&event, &meter);
        observer.tell(Event::Download(moment, progress));
    });
    listeners.extend([states, download]);
    Ok(())
}

/// A [`Companion`](super::Companion): listens to the upload, which changes what is sent across origins, and tells of it.
pub(crate) fn tell_upload(
    shared: &Rc<Shared>,
    request: &Request,
    listeners: &mut Vec<Listener>,
) -> Result<()> {
    if request.body.is_none() {
        return Ok(());
    }
    listeners.extend(shared.raw.upload().ok().map(|upload| {
        let (observer, meter) = (request.options.observer.clone(), RefCell::default());
        Listener::new(&upload, Moment::EVENTS, move |event| {
            if let Some(observer) = &observer {
                let (moment, progress) = read(&event, &meter);
                observer.tell(Event::Upload(moment, progress));
            }
        })
    }));
    Ok(())
}

// The reading is taken before the meter is borrowed: it asks the browser.
fn read(event: &web_sys::Event, meter: &RefCell<Meter>) -> (Moment, Progress) {
    let reading = Reading::new(event);
    (Moment::from_event(&event.type_()), reading.measured(&mut meter.borrow_mut()))
}
