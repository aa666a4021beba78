//! Reading the manifests of packages.

use std::path::Path;

use super::error::PackageError;
use crate::files;

/// The largest manifest, in bytes.
const MAX_MANIFEST: u64 = 1024 * 1024;

/// What a manifest says, in the form that `parse` knows. Where it has another form, the
/// error tells where.
pub(super) fn read<T, E>(
    manifest: &Path,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, PackageError>
where
    E: std::fmt::Display,
{
    let text = files::read_text(manifest, MAX_MANIFEST)?;
    parse(&text).map_err(|error| wrong(manifest, format!("does not say what it builds: {error}")))
}

/// A manifest with something wrong.
pub(super) fn wrong(manifest: &Path, reason: impl Into<String>) -> PackageError {
    PackageError::Manifest {
        manifest: manifest.to_owned(),
        reason: reason.into(),
    }
}
