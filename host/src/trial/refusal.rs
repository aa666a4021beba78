//! A refusal: why a policy is not loaded, for whoever writes it.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::policy::{Ask, LoadError};

/// Why a policy is not loaded. `Display` also says which file is at fault, if it is the
/// settings', and what a case would have to have.
#[derive(Debug, Clone)]
pub struct Refusal {
    error: Arc<LoadError>,
    /// Where its settings stand, if they are in a file.
    settings: Option<PathBuf>,
}

impl Refusal {
    pub(super) fn new(error: Arc<LoadError>, settings: Option<PathBuf>) -> Self {
        Self { error, settings }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_of_settings = matches!(
            *self.error,
            LoadError::Settings(_)
                | LoadError::SettingsNotTaken
                | LoadError::SettingsRefused(_)
                | LoadError::SettingsUnchecked(_)
        );
        if let Some(settings) = self.settings.as_ref().filter(|_| is_of_settings) {
            write!(f, "`{}`: ", settings.display())?;
        }
        write!(f, "{}", self.error)?;
        let LoadError::Ungranted(ungranted) = &*self.error else {
            return Ok(());
        };
        let tables = ungranted.asks().into_iter().map(|ask| match ask {
            Ask::Secrets => "`[secrets]`",
            Ask::Datasets => "`[datasets.<name>]`",
            Ask::KeyValue => "`[key_value]`",
            Ask::Http => "`[[http]]`",
        });
        let tables: Vec<_> = tables.collect();
        if tables.is_empty() {
            return Ok(());
        }
        write!(f, "; a case grants it with {}", tables.join(", "))
    }
}

impl std::error::Error for Refusal {}
