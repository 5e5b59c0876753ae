//! Messages to a worker, one after the other.

use futures_channel::oneshot;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

/// Messages not yet handled, and whoever waits for the next.
#[derive(Default)]
pub struct Inbox {
    messages: RefCell<VecDeque<JsValue>>,
    waiting: RefCell<Option<oneshot::Sender<()>>>,
}

impl Inbox {
    /// Of a worker, as long as it lives.
    pub fn of(scope: &DedicatedWorkerGlobalScope) -> Rc<Self> {
        let inbox = Rc::new(Self::default());
        let receiving = Rc::clone(&inbox);
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            receiving.messages.borrow_mut().push_back(event.data());
            if let Some(waiting) = receiving.waiting.take() {
                let _ = waiting.send(());
            }
        });
        scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        on_message.forget(); // as long as the worker
        inbox
    }

    /// The next one, if it is there.
    pub fn take(&self) -> Option<JsValue> {
        self.messages.borrow_mut().pop_front()
    }

    /// Until there is one.
    pub async fn some(&self) {
        if self.messages.borrow().is_empty() {
            let (send, came) = oneshot::channel();
            *self.waiting.borrow_mut() = Some(send);
            let _ = came.await;
        }
    }

    /// The next one.
    pub async fn next(&self) -> JsValue {
        loop {
            self.some().await;
            if let Some(message) = self.take() {
                return message;
            }
        }
    }
}
