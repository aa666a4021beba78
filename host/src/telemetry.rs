//! The log: how it is written, and what may stand in it. [`metric`] has the metrics.
//!
//! What a guest says, and what a caller sends, is text that somebody else
//! controls. It reaches the log through [`foreign`] and no other way.

pub mod metric;
mod output;

use std::borrow::Cow;
use std::fmt;

use output::Output;
pub use output::{lost_lines, write_before_parking};
use serde::Deserialize;
use tracing::{Dispatch, Level};
use tracing_subscriber::fmt::MakeWriter;

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Lines of less weight are left out.
    pub level: Severity,
    /// For people or for machines.
    pub format: Format,
}

/// What a line weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Something failed.
    Error,
    /// Somebody should look.
    Warn,
    /// What happened.
    Info,
    /// How it happened.
    Debug,
}

/// The form of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// One line of text.
    Text,
    /// One JSON object.
    Json,
}

/// Starts the log on standard error, and reports panics there. A panic is a bug
/// of ours; its message is left out, because it may quote a call.
pub fn start(config: Config) {
    let colours = std::io::IsTerminal::is_terminal(&std::io::stderr());
    // A second start in one process keeps the first log.
    let _ = tracing::dispatcher::set_global_default(log_to(config, colours, Output::new));
    std::panic::set_hook(Box::new(|panic| match panic.location() {
        Some(at) => tracing::error!(file = at.file(), line = at.line(), "panicked"),
        None => tracing::error!("panicked"),
    }));
}

/// A log that is written to wherever `writer` says.
pub fn log_to<W>(config: Config, colours: bool, writer: W) -> Dispatch
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let level = match config.level {
        Severity::Error => Level::ERROR,
        Severity::Warn => Level::WARN,
        Severity::Info => Level::INFO,
        Severity::Debug => Level::DEBUG,
    };
    let log = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(writer)
        .with_ansi(colours)
        .with_target(false);
    match config.format {
        Format::Text => log.into(),
        Format::Json => log.json().flatten_event(true).into(),
    }
}

/// The most bytes of one foreign text.
pub const FOREIGN_LIMIT: usize = 1024;

/// Text that a guest or a caller controls, fit to be written: at most
/// [`FOREIGN_LIMIT`] bytes of it, control characters escaped, so that it can
/// neither flood the log nor forge a line nor drive a terminal.
#[must_use]
pub fn foreign(text: &str) -> Foreign<'_> {
    Foreign(text)
}

/// See [`foreign`].
#[derive(Clone, Copy)]
pub struct Foreign<'a>(&'a str);

impl<'a> Foreign<'a> {
    /// As text; borrowed where nothing has to be changed, as mostly.
    #[must_use]
    pub fn text(self) -> Cow<'a, str> {
        let ordinary = |byte: u8| matches!(byte, b' '..=b'~');
        if self.0.len() <= FOREIGN_LIMIT && self.0.bytes().all(ordinary) {
            return Cow::Borrowed(self.0);
        }
        Cow::Owned(self.to_string())
    }
}

impl fmt::Display for Foreign<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;

        let kept = &self.0[..self.0.floor_char_boundary(FOREIGN_LIMIT)];
        for c in kept.chars() {
            // Besides control characters: those that reorder or hide text.
            let hidden = matches!(c,
                '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
            if c.is_control() || hidden {
                write!(f, "{}", c.escape_unicode())?;
            } else {
                f.write_char(c)?;
            }
        }
        match self.0.len() - kept.len() {
            0 => Ok(()),
            more => write!(f, "… ({more} bytes more)"),
        }
    }
}

impl fmt::Debug for Foreign<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::{FOREIGN_LIMIT, foreign};

    #[test]
    fn ordinary_text_stays() {
        assert_eq!(foreign("Grüße, 世界 'x'").to_string(), "Grüße, 世界 'x'");
        assert_eq!(foreign("Grüße, 世界 'x'").text(), "Grüße, 世界 'x'");
        assert!(matches!(
            foreign("ordinary").text(),
            Cow::Borrowed("ordinary")
        ));
    }

    #[test]
    fn text_is_the_same_either_way() {
        let long = "a".repeat(FOREIGN_LIMIT + 1);
        for text in ["a\u{7f}b", "\u{1b}[2J", "a\nb", &long] {
            assert_eq!(foreign(text).text(), foreign(text).to_string());
        }
    }

    #[test]
    fn nothing_forges_a_line_or_drives_a_terminal() {
        assert_eq!(
            foreign("a\nERROR b\r\u{1b}[2J\u{202e}c\u{0}").to_string(),
            r"a\u{a}ERROR b\u{d}\u{1b}[2J\u{202e}c\u{0}"
        );
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        let text = "ü".repeat(FOREIGN_LIMIT);
        let cut = foreign(&text).to_string();
        assert!(cut.starts_with("üü") && cut.ends_with("… (1024 bytes more)"));
        let odd = format!("a{text}");
        assert!(foreign(&odd).to_string().ends_with("(1026 bytes more)"));
    }
}
