//! GPT-2's alphabet: a visible character for every byte, so that tokens of bytes can be written as text (Radford et al.
//! 2019). Printable bytes of Latin-1 stand for themselves, the others for the characters from U+0100 on.

/// Bytes: as many as the alphabet has characters.
pub(super) const BYTES: usize = 256;

const fn stands_for_itself(byte: u8) -> bool {
    matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff)
}

/// Every byte's character.
static CHARACTERS: [char; BYTES] = {
    let mut characters = ['\0'; BYTES];
    let (mut byte, mut next) = (0, 0x100);
    while byte < BYTES {
        let code = if stands_for_itself(byte as u8) {
            byte as u32
        } else {
            next += 1;
            next - 1
        };
        if let Some(character) = char::from_u32(code) {
            characters[byte] = character;
        }
        byte += 1;
    }
    characters
};

/// The bytes in the order of their characters: the order of the ids, in GPT-2 and in what the library trains.
pub(super) fn in_order() -> impl Iterator<Item = u8> {
    let itself = |wanted: bool| (0..=u8::MAX).filter(move |&byte| stands_for_itself(byte) == wanted);
    itself(true).chain(itself(false))
}

/// Bytes as a text of the alphabet.
pub(super) fn spell(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| CHARACTERS[usize::from(byte)]).collect()
}

/// A text of the alphabet as bytes; none where a character is not of the alphabet.
pub(super) fn read(spelled: &str) -> Option<Vec<u8>> {
    let byte = |c: char| match u8::try_from(c) {
        Ok(byte) => stands_for_itself(byte).then_some(byte),
        // All that do not stand for themselves, in their order: 0x00 to 0x20, 0x7f to 0xa0, 0xad.
        Err(_) => CHARACTERS.iter().position(|&character| character == c).map(|at| at as u8),
    };
    spelled.chars().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_its_character() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(read(&spell(&all)), Some(all));
        assert_eq!(spell(b"a b\n"), "aĠbĊ");
        assert_eq!(read("a b"), None);
        assert_eq!(read("中"), None);
    }

    #[test]
    fn the_order_is_that_of_the_characters() {
        let characters: Vec<char> = in_order().flat_map(|b| spell(&[b]).chars().collect::<Vec<_>>()).collect();
        assert_eq!(characters.len(), BYTES);
        assert!(characters.is_sorted());
    }
}
