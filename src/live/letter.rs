//! The mails that a hunt delivers: small, plain, and known everywhere by their token.

use std::fmt::Write as _;

/// The header that carries the token besides the subject: a user's rule or a server's `[SPAM]` may change a
/// subject, nobody changes this.
pub(crate) const TOKEN_HEADER: &str = "X-Lostmail-Token";

/// One mail to be delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Letter<'a> {
    /// By which the mail is known in every view of the mailbox: letters, digits, `-` and `.` only.
    pub(crate) token: &'a str,
    /// The mailbox it is delivered to.
    pub(crate) to: &'a str,
    /// When it was sent, in seconds since 1970.
    pub(crate) sent: u64,
}

impl Letter<'_> {
    /// The message as it goes through IMAP: header, blank line, body, all lines ended by CR LF.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let Self { token, to, sent } = self;
        let mut text = String::with_capacity(400);
        // Writing into a String cannot fail.
        let _ = write!(
            text,
            "From: \"lostmail\" <lostmail@example.test>\r\n\
             To: <{to}>\r\n\
             Subject: {token}\r\n\
             Date: {date}\r\n\
             Message-ID: <{token}.{sent}@lostmail.example.test>\r\n\
             {TOKEN_HEADER}: {token}\r\n\
             MIME-Version: 1.0\r\n\
             Content-Type: text/plain; charset=us-ascii\r\n\
             \r\n\
             This mail is {token}.\r\n",
            date = Moment::from(*sent).rfc5322(),
        );
        text.into_bytes()
    }
}

/// A moment in UTC, for the two date formats of mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    days: u64,
    second_of_day: u64,
}

impl From<u64> for Moment {
    fn from(seconds_since_1970: u64) -> Self {
        Self { days: seconds_since_1970 / 86_400, second_of_day: seconds_since_1970 % 86_400 }
    }
}

impl Moment {
    /// `Wed, 25 Nov 2026 17:04:13 +0000`, as a mail header has it.
    pub(crate) fn rfc5322(self) -> String {
        const NAMES: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
        let name = NAMES[usize::try_from(self.days % 7).unwrap_or(0)];
        let (year, month, day) = self.date();
        format!("{name}, {day} {month} {year} {} +0000", self.clock())
    }

    /// `25-Nov-2026 17:04:13 +0000`, as IMAP has it.
    pub(crate) fn imap(self) -> String {
        let (year, month, day) = self.date();
        format!("{day:2}-{month}-{year:04} {} +0000", self.clock())
    }

    fn clock(self) -> String {
        let s = self.second_of_day;
        format!("{:02}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)
    }

    /// Year, month name and day. Years are counted from March, so that the leap day is the last of its year.
    fn date(self) -> (u64, &'static str, u64) {
        const MONTHS: [&str; 12] =
            ["Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan", "Feb"];
        let since_year_0 = self.days + 719_468;
        let (era, day_of_era) = (since_year_0 / 146_097, since_year_0 % 146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        let year = era * 400 + year_of_era + u64::from(month >= 10);
        (year, MONTHS[usize::try_from(month).unwrap_or(0)], day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (seconds, expected) in [
            (0, "Thu, 1 Jan 1970 00:00:00 +0000"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 +0000"),
            (951_868_799, "Tue, 29 Feb 2000 23:59:59 +0000"),
            (1_709_251_200, "Fri, 1 Mar 2024 00:00:00 +0000"),
            (1_795_626_253, "Wed, 25 Nov 2026 17:04:13 +0000"),
            (4_107_542_400, "Mon, 1 Mar 2100 00:00:00 +0000"),
        ] {
            assert_eq!(Moment::from(seconds).rfc5322(), expected);
        }
        assert_eq!(Moment::from(0).imap(), " 1-Jan-1970 00:00:00 +0000");
    }

    #[test]
    fn a_letter_carries_its_token_twice() {
        let bytes = Letter { token: "lm-3-m7", to: "alice@example.test", sent: 0 }.to_bytes();
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains("\r\nSubject: lm-3-m7\r\n"), "{text}");
        assert!(text.contains("\r\nX-Lostmail-Token: lm-3-m7\r\n"), "{text}");
        assert!(text.contains("\r\n\r\nThis mail is lm-3-m7.\r\n"), "{text}");
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    }
}
