//! The body of a request on its way: counted, and ended where it is too large.

use std::error::Error as StdError;
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use http_body_util::combinators::UnsyncBoxBody;

use super::error::Error;

/// A request's body seen from its exchange.
#[derive(Debug, Clone, Default)]
pub(super) struct Upload(Arc<State>);

#[derive(Debug, Default)]
struct State {
    /// What went wrong, for whoever waits for the answer. The HTTP library says so only
    /// if nothing of the answer was there yet.
    fault: OnceLock<Error>,
    stage: AtomicU8,
}

/// More is to be sent.
const SENDING: u8 = 0;

/// All was sent, or what sent it is gone.
const SENT: u8 = 1;

/// The exchange ended first.
const ENDED: u8 = 2;

impl Upload {
    /// What went wrong.
    pub(super) fn fault(&self) -> Option<Error> {
        self.0.fault.get().cloned()
    }

    /// Ends the body if there is more of it to be sent. Returns whether there was.
    pub(super) fn end(&self) -> bool {
        self.leave_for(ENDED)
    }

    fn sent(&self) {
        self.leave_for(SENT);
    }

    fn leave_for(&self, stage: u8) -> bool {
        let order = Ordering::AcqRel;
        let left = self
            .0
            .stage
            .compare_exchange(SENDING, stage, order, Ordering::Acquire);
        left.is_ok()
    }

    fn is_ended(&self) -> bool {
        self.0.stage.load(Ordering::Acquire) == ENDED
    }
}

/// A request's body of at most `limit` bytes. The guest controls what is in it, how much
/// it is and when it comes.
#[derive(Debug)]
pub(super) struct Outgoing {
    inner: UnsyncBoxBody<Bytes, Error>,
    limit: u64,
    left: u64,
    upload: Upload,
}

impl Outgoing {
    pub(super) fn new<B>(body: B, limit: u64) -> Self
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn StdError + Send + Sync>>,
    {
        let outgoing = Self {
            inner: body.map_err(|_| Error::RequestBody).boxed_unsync(),
            limit,
            left: limit,
            upload: Upload::default(),
        };
        outgoing.note_end();
        outgoing
    }

    pub(super) fn upload(&self) -> Upload {
        self.upload.clone()
    }

    fn note_end(&self) {
        if self.inner.is_end_stream() {
            self.upload.sent();
        }
    }

    fn counted(&mut self, frame: Result<Frame<Bytes>, Error>) -> Result<Frame<Bytes>, Error> {
        let frame = frame?;
        let bytes = frame.data_ref().map_or(0, Bytes::len);
        let left = u64::try_from(bytes)
            .ok()
            .and_then(|bytes| self.left.checked_sub(bytes));
        let limit = self.limit;
        self.left = left.ok_or(Error::RequestTooLarge { limit })?;
        Ok(frame)
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if self.upload.is_ended() {
            return Poll::Ready(Some(Err(Error::RequestBody)));
        }
        let Some(frame) = ready!(Pin::new(&mut self.inner).poll_frame(cx)) else {
            self.upload.sent();
            return Poll::Ready(None);
        };
        let frame = self.counted(frame);
        if let Err(error) = &frame {
            self.upload.0.fault.get_or_init(|| error.clone());
        }
        self.note_end();
        Poll::Ready(Some(frame))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for Outgoing {
    fn drop(&mut self) {
        self.upload.sent();
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use http_body_util::{Empty, Full};

    use super::*;

    fn next(body: &mut Outgoing) -> Option<Result<Frame<Bytes>, Error>> {
        body.frame().now_or_never().expect("nothing to wait for")
    }

    #[test]
    fn a_body_that_was_sent_cannot_be_ended() {
        let empty = Outgoing::new(Empty::new(), 5);
        assert!(!empty.upload().end());

        let mut body = Outgoing::new(Full::from("hello"), 5);
        let upload = body.upload();
        assert!(next(&mut body).is_some_and(|frame| frame.is_ok()));
        assert!(!upload.end());

        let dropped = Outgoing::new(Full::from("hello"), 5).upload();
        assert!(!dropped.end());
    }

    #[test]
    fn a_body_that_was_ended_is_never_taken_for_a_whole_one() {
        let mut body = Outgoing::new(Full::from("hello"), 5);
        assert!(body.upload().end());
        assert!(matches!(next(&mut body), Some(Err(Error::RequestBody))));
        assert_eq!(body.upload().fault(), None);
    }

    #[test]
    fn a_body_over_the_limit_says_so() {
        let mut body = Outgoing::new(Full::from("hello!"), 5);
        let limit = 5;
        let error = Error::RequestTooLarge { limit };
        assert!(matches!(next(&mut body), Some(Err(found)) if found == error));
        assert_eq!(body.upload().fault(), Some(error));
    }
}
