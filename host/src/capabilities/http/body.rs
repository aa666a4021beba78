//! The body of an answer, as far as somebody reads it.
//!
//! It is read from the host only when the reader asks for more: an answer of any size
//! takes no more memory than a buffer. Dropped, it ends the exchange it comes from.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::counts::Tally;
use super::error::Error;
use super::exchange::Task;

/// The body of an answer. Can be polled on any runtime, or none.
#[derive(Debug)]
pub struct Body {
    frames: mpsc::Receiver<Frame<Bytes>>,
    /// What is still to come, if the host said.
    left: Option<u64>,
    /// Until the end.
    call: Option<Call>,
}

/// What lasts as long as a request is under way.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) task: Task,
    pub(super) tally: Tally,
    pub(super) _permit: OwnedSemaphorePermit,
}

impl Body {
    pub(super) fn new(frames: mpsc::Receiver<Frame<Bytes>>, size: &SizeHint, call: Call) -> Self {
        Self {
            frames,
            left: size.exact(),
            // Nobody asks for the end of nothing.
            call: (size.exact() != Some(0)).then_some(call),
        }
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = &mut *self;
        let Some(call) = &mut this.call else {
            return Poll::Ready(None);
        };
        if let Some(frame) = ready!(this.frames.poll_recv(cx)) {
            let bytes = frame.data_ref().map_or(0, Bytes::len) as u64;
            this.left = this.left.map(|left| left.saturating_sub(bytes));
            return Poll::Ready(Some(Ok(frame)));
        }
        // No more frames is not the end: how the exchange ended says whether it is.
        let end = ready!(Pin::new(&mut call.task).poll_end(cx));
        if let Err(error) = &end {
            call.tally.failed(error);
        }
        this.call = None;
        Poll::Ready(end.err().map(Err))
    }

    fn is_end_stream(&self) -> bool {
        self.call.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        self.left
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
