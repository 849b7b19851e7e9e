//! Lines, whole and cut at every place.

use proptest::prelude::*;

use super::*;

type Lined = Result<Vec<(String, u64, bool)>, LineTooLong>;

/// All the lines of `chunks`: text, offset, whether ended.
fn split(mut lines: Lines, chunks: &[&[u8]]) -> Lined {
    let mut all = Vec::new();
    let keep = |line: Line<'_>| (line.text_lossy().into_owned(), line.offset, line.is_ended);
    for chunk in chunks {
        lines.feed(chunk);
        while let Some(line) = lines.next_line()? {
            all.push(keep(line));
        }
    }
    while let Some(line) = lines.finish()? {
        all.push(keep(line));
    }
    Ok(all)
}

fn unlimited() -> Lines {
    Lines::new(usize::MAX)
}

/// Splits `bytes` whole, cut once at every place, and byte by byte: the result must be the same.
#[track_caller]
fn check(new: fn() -> Lines, bytes: &[u8], expected: Result<&[(&str, u64, bool)], LineTooLong>) {
    let expected: Lined =
        expected.map(|lines| lines.iter().map(|&(text, at, ended)| (text.to_owned(), at, ended)).collect());
    for at in 0..=bytes.len() {
        let (head, tail) = bytes.split_at(at);
        assert_eq!(split(new(), &[head, tail]), expected, "{bytes:?} cut at {at}");
    }
    assert_eq!(split(new(), &bytes.chunks(1).collect::<Vec<_>>()), expected, "{bytes:?} byte by byte");
}

#[test]
fn lf_cr_and_crlf_end_a_line() {
    check(unlimited, b"a\nb\rc\r\nd", Ok(&[("a", 0, true), ("b", 2, true), ("c", 4, true), ("d", 7, false)]));
}

#[test]
fn crlf_is_one_end_and_lfcr_are_two() {
    check(unlimited, b"\r\n\r\n", Ok(&[("", 0, true), ("", 2, true)]));
    check(unlimited, b"\n\r", Ok(&[("", 0, true), ("", 1, true)]));
    check(unlimited, b"\r\r\n\n", Ok(&[("", 0, true), ("", 1, true), ("", 3, true)]));
}

#[test]
fn a_cr_ends_its_line_at_once() {
    let mut lines = unlimited();
    lines.feed(b"a\r");
    assert_eq!(lines.next_line(), Ok(Some(Line { bytes: b"a", offset: 0, is_ended: true })));
    lines.feed(b"\n");
    assert_eq!(lines.next_line(), Ok(None));
    assert_eq!(lines.finish(), Ok(None));
}

#[test]
fn the_rest_without_an_end_comes_once_and_only_when_the_stream_is_over() {
    let mut lines = unlimited();
    lines.feed(b"a\nrest");
    assert_eq!(lines.next_line().map(|line| line.map(|line| line.bytes)), Ok(Some(&b"a"[..])));
    assert_eq!(lines.next_line(), Ok(None));
    assert_eq!(lines.finish(), Ok(Some(Line { bytes: b"rest", offset: 2, is_ended: false })));
    assert_eq!(lines.finish(), Ok(None));
}

#[test]
fn finish_gives_the_lines_not_taken_before_the_rest() {
    let mut lines = unlimited();
    lines.feed(b"a\nb");
    assert_eq!(lines.finish(), Ok(Some(Line { bytes: b"a", offset: 0, is_ended: true })));
    assert_eq!(lines.finish(), Ok(Some(Line { bytes: b"b", offset: 2, is_ended: false })));
}

#[test]
fn nothing_is_no_line() {
    check(unlimited, b"", Ok(&[]));
    check(unlimited, b"\n", Ok(&[("", 0, true)]));
}

#[test]
fn a_line_beyond_the_limit_is_an_error_with_its_place() {
    let limited = || Lines::new(3);
    check(limited, b"abc\nabc", Ok(&[("abc", 0, true), ("abc", 4, false)]));
    check(limited, b"abc\r\nabcd\n", Err(LineTooLong { offset: 5, limit: 3 }));
    check(limited, b"a\nabcd", Err(LineTooLong { offset: 2, limit: 3 }));
}

#[test]
fn a_line_too_long_is_known_before_its_end_and_for_good() {
    let mut lines = Lines::new(3);
    lines.feed(b"abcd");
    let error = Err(LineTooLong { offset: 0, limit: 3 });
    assert_eq!(lines.next_line(), error);
    lines.feed(b"\nok\n");
    assert_eq!(lines.next_line(), error);
    assert_eq!(lines.finish(), error);
}

#[test]
fn a_byte_order_mark_is_dropped_where_asked_and_only_at_the_start() {
    let without_bom = || unlimited().without_bom();
    check(without_bom, "\u{FEFF}a\n\u{FEFF}b".as_bytes(), Ok(&[("a", 3, true), ("\u{FEFF}b", 5, false)]));
    check(without_bom, "\u{FEFF}\u{FEFF}".as_bytes(), Ok(&[("\u{FEFF}", 3, false)]));
    check(without_bom, b"\n\xEF\xBB\xBF", Ok(&[("", 0, true), ("\u{FEFF}", 1, false)]));
    check(without_bom, b"\xEF\xBB", Ok(&[("\u{FFFD}", 0, false)]));
    check(unlimited, "\u{FEFF}a".as_bytes(), Ok(&[("\u{FEFF}a", 0, false)]));
}

#[test]
fn bytes_that_are_not_utf_8_are_an_error_with_their_place_or_replaced() {
    let mut lines = unlimited();
    lines.feed(b"one\ntw\xFFo\nthree\n");
    assert_eq!(lines.next_line().map(|line| line.map(Line::text)), Ok(Some(Ok("one"))));
    let bad = lines.next_line();
    assert_eq!(bad.map(|line| line.map(Line::text)), Ok(Some(Err(InvalidUtf8 { offset: 6 }))));
    assert_eq!(Line { bytes: b"tw\xFFo", offset: 0, is_ended: true }.text_lossy(), "tw\u{FFFD}o");
    assert_eq!(lines.next_line().map(|line| line.map(Line::text)), Ok(Some(Ok("three"))));
}

#[track_caller]
fn check_linear(bytes: &[u8], chunk: usize, read_each: usize) {
    let mut lines = unlimited();
    for chunk in bytes.chunks(chunk) {
        lines.feed(chunk);
        for _ in 0..read_each {
            let _ = lines.next_line();
        }
    }
    assert!(lines.work() <= 2 * bytes.len(), "{} bytes handled for {}", lines.work(), bytes.len());
}

#[test]
fn a_long_line_in_small_chunks_takes_linear_work() {
    check_linear(&vec![b'x'; 8 << 20], 1 << 10, 1);
    check_linear(&[b"short\n".repeat(1000), vec![b'x'; 1 << 20]].concat(), 100, 1);
}

#[test]
fn many_lines_in_any_chunks_take_linear_work() {
    let bytes = b"data: x\r\n\r\n".repeat(50_000);
    check_linear(&bytes, bytes.len(), 100_001);
    check_linear(&bytes, 16, 4);
    check_linear(&bytes, 1000, 1000);
    // A reader that stays behind.
    check_linear(&bytes, 1000, 3);
}

#[test]
fn spent_bytes_are_not_kept() {
    let mut lines = unlimited();
    for _ in 0..100_000 {
        lines.feed(b"a line of some length\nand a rest ");
        while matches!(lines.next_line(), Ok(Some(_))) {}
    }
    assert!(lines.pending.capacity() < 1024, "{}", lines.pending.capacity());
}

proptest! {
    #[test]
    fn lines_are_the_same_however_they_are_cut(
        text in "[ab\r\n\u{e9}]{0,40}",
        cuts in proptest::collection::vec(0_usize..6, 0..40),
    ) {
        let mut chunks = Vec::new();
        let mut rest = text.as_bytes();
        for cut in cuts {
            let (chunk, next) = rest.split_at(cut.min(rest.len()));
            chunks.push(chunk);
            rest = next;
        }
        chunks.push(rest);
        let lines = split(unlimited(), &chunks);
        let texts: Option<Vec<_>> = lines.ok().map(|lines| lines.into_iter().map(|(text, ..)| text).collect());
        let normal = text.replace("\r\n", "\n").replace('\r', "\n");
        let mut expected: Vec<_> = normal.split('\n').map(str::to_owned).collect();
        expected.pop_if(|last| last.is_empty());
        prop_assert_eq!(texts, Some(expected));
    }
}

#[test]
fn the_first_line_end_is_found_wherever_it_stands_and_whatever_is_around_it() {
    // Neighbours of LF and CR in value, and bytes with the high bit, are what a word at a time could mistake.
    for filler in [0, 0x09, 0x0B, 0x0C, 0x0E, 0x7F, 0x8A, 0x8D, 0xFF] {
        for len in 0..40 {
            assert_eq!(find_line_end(&vec![filler; len]), None);
            for at in 0..len {
                for end in [b'\n', b'\r'] {
                    let mut bytes = vec![filler; len];
                    bytes[at..].fill(b'\r');
                    bytes[at] = end;
                    assert_eq!(find_line_end(&bytes), Some(at), "{bytes:x?}");
                }
            }
        }
    }
}

#[test]
fn a_line_that_is_dropped_and_fed_again_comes_once_whole_and_in_its_place() {
    let text = b"\xEF\xBB\xBFone\r\ntwo\rthree\n\nfour";
    let whole = split(unlimited().without_bom(), &[text]);
    for at in 0..=text.len() {
        let mut lines = unlimited().without_bom();
        lines.feed(&text[..at]);
        let mut all = Vec::new();
        let keep = |line: Line<'_>| (line.text_lossy().into_owned(), line.offset, line.is_ended);
        while let Some(line) = lines.next_line().unwrap() {
            all.push(keep(line));
        }
        let again = at - lines.drop_rest();
        all.extend(split(lines, &[&text[again..]]).unwrap());
        assert_eq!(Ok(all), whole, "dropped at {at}");
    }
}
