//! Asks WASI for random bytes, 16 KiB at a time, for ever.

use hookwarden_sdk::Failure;

wit_bindgen::generate!({
    inline: r"
        package guests:ask-for-random-bytes;

        world bytes {
            import wasi:random/random@0.2.6;
        }

        package wasi:random@0.2.6 {
            interface random {
                get-random-bytes: func(len: u64) -> list<u8>;
                get-random-u64: func() -> u64;
            }
        }
    ",
    generate_all,
});

fn misbehave(_call: &str) -> Result<(), Failure> {
    loop {
        std::hint::black_box(wasi::random::random::get_random_bytes(16 * 1024));
    }
}

guests::every_hook!(misbehave);
