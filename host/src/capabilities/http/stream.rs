//! A stream: what HTTP is spoken over, in clear text or by TLS.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use futures_util::task::AtomicWaker;
use hyper_util::client::legacy::connect::{Connected, Connection};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A connection to a checked address.
pub(super) struct Stream {
    transport: Box<dyn Transport>,
    cut: Cut,
}

/// What bytes go over.
pub(super) trait Transport: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Transport for T {}

/// Cuts the connection it comes from, whatever is being done there. Clones cut the same.
#[derive(Debug, Clone, Default)]
pub(super) struct Cut(Arc<(AtomicBool, AtomicWaker)>);

impl Cut {
    pub(super) fn cut(&self) {
        let (is_cut, task) = &*self.0;
        is_cut.store(true, Ordering::Release);
        task.wake();
    }

    /// Fails if the connection is cut; else wakes whoever asks when it is.
    fn check(&self, cx: &mut Context<'_>) -> io::Result<()> {
        let (is_cut, task) = &*self.0;
        task.register(cx.waker());
        if is_cut.load(Ordering::Acquire) {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        Ok(())
    }
}

impl Stream {
    pub(super) fn over(transport: impl Transport + 'static) -> Self {
        Self {
            transport: Box::new(transport),
            cut: Cut::default(),
        }
    }
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        Connected::new().extra(self.cut.clone())
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.cut.check(cx)?;
        Pin::new(&mut self.transport).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.cut.check(cx)?;
        Pin::new(&mut self.transport).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.cut.check(cx)?;
        Pin::new(&mut self.transport).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.transport.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.cut.check(cx)?;
        Pin::new(&mut self.transport).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.cut.check(cx)?;
        at_once(Pin::new(&mut self.transport).poll_shutdown(cx))
    }
}

/// Says goodbye if that takes no waiting. A host that reads nothing would otherwise keep
/// a connection that nobody uses: TLS has something to write before it ends.
fn at_once(shutdown: Poll<io::Result<()>>) -> Poll<io::Result<()>> {
    match shutdown {
        Poll::Pending => Poll::Ready(Ok(())),
        ready => ready,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goodbye_that_has_to_wait_is_not_said() {
        assert!(matches!(at_once(Poll::Pending), Poll::Ready(Ok(()))));
        let broken = Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        assert!(matches!(at_once(broken), Poll::Ready(Err(_))));
    }
}
