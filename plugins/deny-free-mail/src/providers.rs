//! Providers: the domains under which anybody gets a mailbox for nothing.

/// The domains of the common free mail providers, in the form that domains are compared
/// in.
pub(crate) const PROVIDERS: &[&str] = &[
    // Google
    "gmail.com",
    "googlemail.com",
    // Microsoft
    "hotmail.be",
    "hotmail.co.jp",
    "hotmail.co.uk",
    "hotmail.com",
    "hotmail.com.ar",
    "hotmail.com.br",
    "hotmail.de",
    "hotmail.es",
    "hotmail.fr",
    "hotmail.it",
    "hotmail.nl",
    "live.be",
    "live.ca",
    "live.co.uk",
    "live.com",
    "live.com.au",
    "live.com.mx",
    "live.de",
    "live.fr",
    "live.it",
    "live.nl",
    "msn.com",
    "outlook.co.uk",
    "outlook.com",
    "outlook.com.br",
    "outlook.de",
    "outlook.es",
    "outlook.fr",
    "outlook.it",
    "outlook.jp",
    "passport.com",
    "windowslive.com",
    // Yahoo and AOL
    "aim.com",
    "aol.com",
    "aol.de",
    "rocketmail.com",
    "yahoo.ca",
    "yahoo.co.id",
    "yahoo.co.in",
    "yahoo.co.jp",
    "yahoo.co.uk",
    "yahoo.com",
    "yahoo.com.ar",
    "yahoo.com.au",
    "yahoo.com.br",
    "yahoo.com.mx",
    "yahoo.com.ph",
    "yahoo.com.sg",
    "yahoo.com.tw",
    "yahoo.com.vn",
    "yahoo.de",
    "yahoo.es",
    "yahoo.fr",
    "yahoo.in",
    "yahoo.it",
    "ymail.com",
    // Apple
    "icloud.com",
    "mac.com",
    "me.com",
    // Proton and Tuta
    "keemail.me",
    "pm.me",
    "proton.me",
    "protonmail.ch",
    "protonmail.com",
    "tuta.com",
    "tuta.io",
    "tutamail.com",
    "tutanota.com",
    "tutanota.de",
    // United Internet
    "email.com",
    "gmx.at",
    "gmx.ch",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "mail.com",
    "web.de",
    // Others, by where most of their users are
    "freenet.de",
    "t-online.de",
    "bluewin.ch",
    "free.fr",
    "laposte.net",
    "orange.fr",
    "sfr.fr",
    "alice.it",
    "libero.it",
    "tiscali.it",
    "virgilio.it",
    "interia.pl",
    "o2.pl",
    "onet.pl",
    "wp.pl",
    "centrum.cz",
    "seznam.cz",
    "abv.bg",
    "ukr.net",
    "bk.ru",
    "inbox.ru",
    "list.ru",
    "mail.ru",
    "rambler.ru",
    "ya.ru",
    "yandex.com",
    "yandex.ru",
    "126.com",
    "139.com",
    "163.com",
    "aliyun.com",
    "foxmail.com",
    "qq.com",
    "sina.com",
    "sohu.com",
    "yeah.net",
    "daum.net",
    "hanmail.net",
    "naver.com",
    "rediffmail.com",
    "bol.com.br",
    "terra.com.br",
    "uol.com.br",
    "inbox.com",
    "zohomail.com",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use hookwarden_sdk::email::domain;

    use super::PROVIDERS;

    #[test]
    fn each_is_a_domain_as_it_is_compared_and_there_once() {
        for provider in PROVIDERS {
            let compared = domain(&format!("x@{provider}"));
            assert_eq!(compared.as_deref(), Some(*provider));
        }
        let different: BTreeSet<_> = PROVIDERS.iter().collect();
        assert_eq!(different.len(), PROVIDERS.len());
    }
}
