//! Writes hostile files into a folder, for a host that runs:
//! `cargo run -p tests --example hostile-files -- DIR COUNT`.

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [folder, count] = arguments.as_slice() else {
        return ExitCode::from(2);
    };
    let Ok(count) = count.parse() else {
        return ExitCode::from(2);
    };
    let good = std::fs::read(tests::plugins::ONLY_EXAMPLE_COM).expect("a component");
    for file in tests::hostile::files(&good, count) {
        let path = Path::new(folder).join(file.name).with_extension("wasm");
        std::fs::write(path, file.bytes).expect("written");
    }
    ExitCode::SUCCESS
}
