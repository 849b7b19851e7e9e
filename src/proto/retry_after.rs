//! The `Retry-After` header: how long a server asks to be left alone.

use std::time::Duration;

/// How long to wait from `now`, in seconds since 1970; zero for a date that has passed. `None` for what is neither a
/// number of seconds nor an HTTP date.
///
/// Where the response has a `Date`, that makes the better `now`: both times are then the server's.
///
/// <https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3>
pub(crate) fn parse_retry_after(value: &str, now: u64) -> Option<Duration> {
    let value = value.trim_ascii();
    let seconds = match number(value) {
        Some(seconds) => seconds,
        None => parse_http_date(value, now)?.saturating_sub(now),
    };
    Some(Duration::from_secs(seconds))
}

/// An HTTP date in any of its three forms, in seconds since 1970; a date before that is 0. `now` tells the century of
/// a year with two digits.
///
/// The day of the week must be one, but not the right one.
///
/// <https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7>
pub(crate) fn parse_http_date(date: &str, now: u64) -> Option<u64> {
    let parts: Vec<&str> = date.split(' ').collect();
    match *parts.as_slice() {
        // "Sun, 06 Nov 1994 08:49:37 GMT", the preferred form.
        [weekday, day, month, year, time, "GMT"] if is_day_name(weekday.strip_suffix(',')?) => {
            seconds(digits(year, 4)?, month, digits(day, 2)?, time)
        }
        // "Sunday, 06-Nov-94 08:49:37 GMT", of RFC 850.
        [weekday, date, time, "GMT"] if WEEKDAYS.contains(&weekday.strip_suffix(',')?) => {
            let (day, month_and_year) = date.split_once('-')?;
            let (month, year) = month_and_year.split_once('-')?;
            latest(digits(year, 2)?, now, |year| seconds(year, month, digits(day, 2)?, time))
        }
        // "Sun Nov  6 08:49:37 1994", of asctime: a day with one digit has a second space before it.
        [weekday, month, "", day, time, year] if is_day_name(weekday) => {
            seconds(digits(year, 4)?, month, digits(day, 1)?, time)
        }
        [weekday, month, day, time, year] if is_day_name(weekday) => {
            seconds(digits(year, 4)?, month, digits(day, 2)?, time)
        }
        _ => None,
    }
}

const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

const MONTHS: [(&str, u64); 12] = [
    ("Jan", 31),
    ("Feb", 28),
    ("Mar", 31),
    ("Apr", 30),
    ("May", 31),
    ("Jun", 30),
    ("Jul", 31),
    ("Aug", 31),
    ("Sep", 30),
    ("Oct", 31),
    ("Nov", 30),
    ("Dec", 31),
];

const SECONDS_A_DAY: u64 = 24 * 60 * 60;

/// From the first day of the year 1 to that of 1970.
const DAYS_BEFORE_1970: u64 = 719_162;

/// Fifty Gregorian years, on average.
const FIFTY_YEARS: u64 = 50 * 31_556_952;

/// "Recipients of a timestamp value in rfc850-date format, which uses a two-digit year, MUST interpret a timestamp that
/// appears to be more than 50 years in the future as representing the most recent year in the past that had the same
/// last two digits."
fn latest(last_digits: u64, now: u64, seconds: impl Fn(u64) -> Option<u64>) -> Option<u64> {
    let in_century = |century: u64| seconds(century * 100 + last_digits);
    let is_near = |seconds: &u64| *seconds <= now.saturating_add(FIFTY_YEARS);
    (19..=99).rev().filter_map(in_century).find(is_near)
}

fn seconds(year: u64, month: &str, day: u64, time: &str) -> Option<u64> {
    let month = MONTHS.iter().position(|(name, _)| *name == month)?;
    let days_of = |month: usize| MONTHS[month].1 + u64::from(month == 1 && is_leap(year));
    if day == 0 || day > days_of(month) {
        return None;
    }
    let years = year.checked_sub(1)?;
    let days_of_years = years * 365 + years / 4 - years / 100 + years / 400;
    let days_of_months: u64 = (0..month).map(days_of).sum();
    let days = days_of_years + days_of_months + day - 1;
    Some((days * SECONDS_A_DAY + seconds_of_day(time)?).saturating_sub(DAYS_BEFORE_1970 * SECONDS_A_DAY))
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn seconds_of_day(time: &str) -> Option<u64> {
    let (hour, rest) = time.split_once(':')?;
    let (minute, second) = rest.split_once(':')?;
    let (hour, minute, second) = (digits(hour, 2)?, digits(minute, 2)?, digits(second, 2)?);
    // "second = 2DIGIT", and 60 is a leap second: it ends where the next minute begins.
    (hour < 24 && minute < 60 && second <= 60).then_some((hour * 60 + minute) * 60 + second)
}

fn is_day_name(text: &str) -> bool {
    WEEKDAYS.iter().any(|weekday| weekday.get(..3) == Some(text))
}

fn digits(text: &str, len: usize) -> Option<u64> {
    if text.len() == len { number(text) } else { None }
}

/// "delay-seconds = 1*DIGIT" has no greatest value; one beyond u64 is just as long a wait.
fn number(text: &str) -> Option<u64> {
    let mut number = 0_u64;
    for byte in text.bytes() {
        if !byte.is_ascii_digit() {
            return None;
        }
        number = number.saturating_mul(10).saturating_add(u64::from(byte - b'0'));
    }
    (!text.is_empty()).then_some(number)
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// 2024-02-29 12:00:00
    const NOW: u64 = 1_709_208_000;

    #[track_caller]
    fn check_date(date: &str, expected: Option<u64>) {
        assert_eq!(parse_http_date(date, NOW), expected, "{date:?}");
    }

    #[track_caller]
    fn check_delay(value: &str, expected: Option<u64>) {
        assert_eq!(parse_retry_after(value, NOW), expected.map(Duration::from_secs), "{value:?}");
    }

    #[test]
    fn a_number_is_a_number_of_seconds() {
        check_delay("0", Some(0));
        check_delay("120", Some(120));
        check_delay(" \t007 ", Some(7));
        check_delay("99999999999999999999999", Some(u64::MAX));
    }

    #[test]
    fn a_date_is_a_wait_from_now_and_one_in_the_past_no_wait() {
        check_delay("Thu, 29 Feb 2024 12:01:30 GMT", Some(90));
        check_delay("Thursday, 29-Feb-24 12:01:30 GMT", Some(90));
        check_delay("Thu Feb 29 12:01:30 2024", Some(90));
        check_delay("Thu, 29 Feb 2024 12:00:00 GMT", Some(0));
        check_delay("Sun, 06 Nov 1994 08:49:37 GMT", Some(0));
    }

    #[test]
    fn junk_is_refused() {
        for junk in [
            "",
            " ",
            "0x10",
            "-1",
            "+1",
            "1.5",
            "1e3",
            "1 s",
            "1,2",
            "١",
            "soon",
            "Thu, 29 Feb 2024",
            "2024-02-29T12:01:30Z",
        ] {
            check_delay(junk, None);
        }
    }

    #[test]
    fn all_three_forms_of_a_date_are_read() {
        check_date("Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777));
        check_date("Sunday, 06-Nov-94 08:49:37 GMT", Some(784_111_777));
        check_date("Sun Nov  6 08:49:37 1994", Some(784_111_777));
        check_date("Wed Nov 16 08:49:37 1994", Some(784_975_777));
    }

    #[test]
    fn dates_are_counted_from_1970() {
        check_date("Thu, 01 Jan 1970 00:00:00 GMT", Some(0));
        check_date("Wed, 31 Dec 1969 23:59:59 GMT", Some(0));
        check_date("Mon, 01 Jan 0001 00:00:00 GMT", Some(0));
        check_date("Tue, 29 Feb 2000 00:00:00 GMT", Some(951_782_400));
        check_date("Mon, 01 Mar 2100 00:00:00 GMT", Some(4_107_542_400));
        check_date("Fri, 31 Dec 9999 23:59:59 GMT", Some(253_402_300_799));
    }

    #[test]
    fn a_leap_second_is_the_start_of_the_next_minute() {
        check_date("Sat, 31 Dec 2016 23:59:60 GMT", Some(1_483_228_800));
        check_date("Sun, 01 Jan 2017 00:00:00 GMT", Some(1_483_228_800));
    }

    #[test]
    fn a_year_of_two_digits_is_at_most_fifty_years_ahead() {
        check_date("Thursday, 01-Jan-70 00:00:00 GMT", Some(3_155_760_000)); // 2070
        check_date("Saturday, 28-Feb-74 12:00:00 GMT", Some(3_287_044_800)); // 2074, a day less than fifty years
        check_date("Friday, 01-Mar-74 12:00:00 GMT", Some(131_371_200)); // 1974
        check_date("Tuesday, 29-Feb-00 00:00:00 GMT", Some(951_782_400)); // 2000; 2100 has no such day
        assert_eq!(parse_http_date("Friday, 01-Jan-99 00:00:00 GMT", 4_070_908_800), Some(4_070_908_800)); // 2099
        assert_eq!(parse_http_date("Friday, 01-Jan-99 00:00:00 GMT", u64::MAX), Some(253_370_764_800)); // 9999
    }

    #[test]
    fn what_only_looks_like_a_date_is_refused() {
        for date in [
            "Sun, 06 Nov 1994 08:49:37 UTC",
            "Sun, 06 Nov 1994 08:49:37 GMT ",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06 Nov 1994 08:49:37 GMT",
            "Sun, 06-Nov-94 08:49:37 GMT",
            "Xyz, 06 Nov 1994 08:49:37 GMT",
            "Sun, 6 Nov 1994 08:49:37 GMT",
            "Sun, 06 nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 94 08:49:37 GMT",
            "Sun, 00 Nov 1994 08:49:37 GMT",
            "Sun, 31 Nov 1994 08:49:37 GMT",
            "Sun, 29 Feb 1900 08:49:37 GMT",
            "Sun, 29 Feb 2023 08:49:37 GMT",
            "Sun, 06 Nov 0000 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 06 Nov 1994 08:60:00 GMT",
            "Sun, 06 Nov 1994 08:49:61 GMT",
            "Sun, 06 Nov 1994 8:49:37 GMT",
            "Sun, 06 Nov 1994 08:49 GMT",
            "Sun, +6 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-1994 08:49:37 GMT",
            "Sun Nov 6 08:49:37 1994",
            "Sun Nov  16 08:49:37 1994",
            "Sun, Nov  6 08:49:37 1994",
        ] {
            check_date(date, None);
        }
    }

    #[test]
    fn every_day_of_four_centuries_follows_the_one_before() {
        let mut expected = 946_684_800; // 2000-01-01
        for year in 2000..2400 {
            for (month, days) in MONTHS {
                let days = if month == "Feb" && is_leap(year) { 29 } else { days };
                for day in 1..=days {
                    check_date(&format!("Mon, {day:02} {month} {year} 00:00:00 GMT"), Some(expected));
                    expected += SECONDS_A_DAY;
                }
            }
        }
        assert_eq!(expected, 946_684_800 + 146_097 * SECONDS_A_DAY);
    }

    proptest! {
        #[test]
        fn no_text_is_a_panic(
            text in "Sun, [012][0-9] (Feb|Dec) (0000|1969|9999) 0[0-9]:[0-9]{2}:[0-9]{2} GMT|Sunday, 0[01]-Jan-[09]{2} 00:00:00 GMT|.{0,40}",
            now in any::<u64>(),
        ) {
            let _ = parse_retry_after(&text, now);
        }
    }
}
