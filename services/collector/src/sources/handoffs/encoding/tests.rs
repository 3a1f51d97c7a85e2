use super::*;

#[test]
fn bytes_that_are_no_utf8_are_replaced_and_said_with_their_line() {
    let decoded = decode(b"a\r\nb\rcaf\xe9 \xff\n\nna\xefve\n").unwrap();
    assert_eq!(decoded.text, "a\nb\ncaf\u{fffd} \u{fffd}\n\nna\u{fffd}ve\n");
    let lines: Vec<_> = decoded.lints.iter().map(|lint| lint.line).collect();
    assert_eq!((lines, decoded.is_damaged), (vec![3, 5], true));
    assert!(decoded.lints[0].message.contains("0xe9"));
}

#[test]
fn utf16_with_its_mark_is_read_and_said() {
    let bytes = |unit: fn(u16) -> [u8; 2]| {
        "\u{feff}# Rísks 🚤\r\n"
            .encode_utf16()
            .flat_map(unit)
            .collect::<Vec<_>>()
    };
    for bytes in [bytes(u16::to_le_bytes), bytes(u16::to_be_bytes)] {
        let decoded = decode(&bytes).unwrap();
        assert_eq!(
            (decoded.text.as_str(), decoded.is_damaged),
            ("# Rísks 🚤\n", false)
        );
        assert_eq!(decoded.lints[0].code, Code::FileNotUtf8);
        assert!(decode(&bytes[..bytes.len() - 1]).unwrap().is_damaged);
    }
}

#[test]
fn what_has_nul_bytes_is_no_text() {
    let bare: Vec<u8> = "ab\nc".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(decode(&bare).unwrap_err().code, Code::FileBinary);
    assert_eq!(decode(b"a\nb\n\0").unwrap_err().line, 3);
}
