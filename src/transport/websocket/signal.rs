//! An `AbortSignal` that gives a connection up before it is open. A trait, so that an app without one carries nothing of
//! this.

use web_sys::{AbortSignal, EventTarget};

use super::shared::{Cause, WeakSocket};
use crate::browser::listener::Listener;
use crate::browser::signal::{Aborted, aborted};

pub(super) trait Signal {
    fn is_aborted(&self) -> bool;

    fn heed(&self, target: WeakSocket) -> Listener;

    /// Resolves when it aborts.
    fn aborted(&self) -> Aborted;
}

impl Signal for AbortSignal {
    fn is_aborted(&self) -> bool {
        self.aborted()
    }

    fn heed(&self, target: WeakSocket) -> Listener {
        let signal: &EventTarget = self.as_ref();
        Listener::new(signal, &["abort"], move |_| target.give_up(Cause::Aborted))
    }

    fn aborted(&self) -> Aborted {
        aborted(self)
    }
}
