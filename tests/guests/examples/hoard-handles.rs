//! Subscribes to the clock again and again, and keeps every handle.

use hookwarden_sdk::Failure;

wit_bindgen::generate!({
    inline: r"
        package guests:hoard-handles;

        world clock {
            import wasi:clocks/monotonic-clock@0.2.6;
        }

        package wasi:io@0.2.6 {
            interface poll {
                resource pollable {
                    ready: func() -> bool;
                    block: func();
                }
                poll: func(in: list<borrow<pollable>>) -> list<u32>;
            }
        }

        package wasi:clocks@0.2.6 {
            interface monotonic-clock {
                use wasi:io/poll@0.2.6.{pollable};
                type instant = u64;
                type duration = u64;
                now: func() -> instant;
                resolution: func() -> duration;
                subscribe-instant: func(when: instant) -> pollable;
                subscribe-duration: func(when: duration) -> pollable;
            }
        }
    ",
    generate_all,
});

fn misbehave(_call: &str) -> Result<(), Failure> {
    let mut hoard = Vec::new();
    loop {
        hoard.push(wasi::clocks::monotonic_clock::subscribe_duration(1_000_000));
    }
}

guests::every_hook!(misbehave);
