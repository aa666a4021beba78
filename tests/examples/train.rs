//! What an optimizer is shown: a host that answers ordinary calls, for some seconds.
//! `.ci/dist` builds this program so that it writes down where its time goes.

use std::fs;
use std::time::Duration;

use hookwarden::policy::Policy;
use tests::calls::{self, ADMITTED, DENIED, HEADERS, ORDINARY, PATH};
use tests::load::closed::Load;
use tests::plugins;
use tests::serving::{Serving, lay_out};

/// For each kind of call.
const TIME: Duration = Duration::from_secs(4);

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let rule = fs::read(plugins::ONLY_EXAMPLE_COM).expect("a component");
    lay_out(folder, [("only-example-com".to_owned(), rule)], "");
    let (config, policies) = (folder.join("hookwarden.toml"), folder.join("policies"));
    let host = Serving::start(&config, &policies, Policy::clone);
    for (email, connections, bytes) in [
        (DENIED, 64, ORDINARY),
        (ADMITTED, 64, ORDINARY),
        (DENIED, 2, 10_000),
    ] {
        let call = calls::sign_up(email, bytes);
        let mut load = Load::new(
            host.address,
            connections,
            vec![PATH.to_owned()],
            HEADERS,
            &call,
        );
        let found = load.run(TIME);
        assert_eq!(found.seen.unexpected, 0, "{}", load.first_answer());
    }
}
