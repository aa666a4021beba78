//! `hookwarden build`: from a package to a component.

use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use bytesize::ByteSize;

use crate::package::Package;

/// Builds, and prints where the component is and how large.
pub(super) async fn run(dir: &Path) -> anyhow::Result<()> {
    let mut out = std::io::stdout();
    let package = Package::open(dir).await?;
    let built = package.build(&mut out).await?;
    anyhow::ensure!(built, "`{}` does not build; see above", package.name);
    let component = &package.component;
    let shown = component.display();
    let metadata = component
        .metadata()
        .with_context(|| format!("cannot open `{shown}`"))?;
    let size = ByteSize::b(metadata.len()).display().iec();
    writeln!(out, "{shown} ({size})")?;
    Ok(())
}
