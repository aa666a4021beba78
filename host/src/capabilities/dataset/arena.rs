//! An arena: many texts in one, each after its length.
//!
//! A million texts of their own would take more memory for their addresses and
//! the allocator than for what they say.

/// Bits of a length in each byte of it.
const BITS: u32 = 6;

/// In a byte of a length: another follows. All are ASCII, so the whole is text.
const MORE: u8 = 1 << BITS;

/// Texts one after another. Where one begins is its name.
#[derive(Default)]
pub(super) struct Arena(String);

/// The arena has no room.
#[derive(Debug)]
pub(super) struct Full;

impl Arena {
    /// An arena that takes so many bytes without growing.
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self(String::with_capacity(bytes))
    }

    /// Puts a text at the end, and says where it begins.
    pub(super) fn push(&mut self, text: &str) -> Result<u32, Full> {
        let at = u32::try_from(self.0.len()).map_err(|_| Full)?;
        let mut rest = text.len();
        while rest >> BITS != 0 {
            self.0.push(char::from(low_bits(rest) | MORE));
            rest >>= BITS;
        }
        self.0.push(char::from(low_bits(rest)));
        self.0.push_str(text);
        Ok(at)
    }

    /// The text that begins there, and where the next one does.
    pub(super) fn get(&self, at: u32) -> (&str, u32) {
        let mut start = at as usize;
        let mut length = 0;
        for (shift, byte) in (0..)
            .step_by(BITS as usize)
            .zip(&self.0.as_bytes()[start..])
        {
            start += 1;
            length |= usize::from(byte & !MORE) << shift;
            if byte & MORE == 0 {
                break;
            }
        }
        let end = start + length;
        let next = u32::try_from(end).unwrap_or(u32::MAX);
        (&self.0[start..end], next)
    }

    /// Gives back what was not needed.
    pub(super) fn shrink(&mut self) {
        self.0.shrink_to_fit();
    }

    /// The bytes it holds.
    pub(super) fn memory(&self) -> usize {
        self.0.capacity()
    }
}

fn low_bits(length: usize) -> u8 {
    (length & usize::from(MORE - 1)) as u8
}

#[cfg(test)]
mod tests {
    use super::Arena;

    #[test]
    fn texts_of_any_length_come_back() {
        let lengths = [0, 1, 63, 64, 65, 4095, 4096, 262_143, 262_144, 300_000];
        let texts: Vec<String> = lengths.iter().map(|length| "ü".repeat(*length)).collect();
        let mut arena = Arena::default();
        let places: Vec<u32> = texts.iter().map(|text| arena.push(text).unwrap()).collect();
        let mut at = 0;
        for (text, place) in texts.iter().zip(places) {
            assert_eq!(at, place);
            let (found, next) = arena.get(at);
            assert!(found == text);
            at = next;
        }
    }
}
