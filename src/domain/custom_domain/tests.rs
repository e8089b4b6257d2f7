use proptest::prelude::*;
use uuid::Uuid;

use super::*;

fn host(text: &str) -> Result<String, String> {
    text.parse::<CustomHost>().map(|host| host.to_string()).map_err(|error| error.to_string())
}

#[test]
fn names_are_kept_as_they_stand_in_dns() {
    for (text, kept) in [
        ("shop.example.com", "shop.example.com"),
        ("Shop.EXAMPLE.com", "shop.example.com"),
        ("shop.example.com.", "shop.example.com"),
        ("example.co.uk", "example.co.uk"),
        ("a.b", "a.b"),
        ("1.2.example", "1.2.example"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
        ("shop。example。com", "shop.example.com"),
        ("ｓｈｏｐ.example.com", "shop.example.com"),
    ] {
        assert_eq!(host(text).as_deref(), Ok(kept), "{text}");
    }
}

#[test]
fn what_is_no_name_of_somebodys_is_refused() {
    let long_label = format!("{}.example.com", "a".repeat(64));
    let long = format!("{}example.com", "a123456789.".repeat(23));
    for (text, part) in [
        ("", "must be a host name"),
        (".", "must be a host name"),
        ("shop", "must have a dot"),
        ("localhost", "must have a dot"),
        ("shop.localhost", "nobody can show"),
        ("shop.LOCALHOST.", "nobody can show"),
        ("printer.local", "nobody can show"),
        ("x.invalid", "nobody can show"),
        ("abc.onion", "nobody can show"),
        ("1.0.0.127.in-addr.arpa", "nobody can show"),
        ("*.example.com", "wildcard"),
        ("shop.*.com", "wildcard"),
        ("https://shop.example.com", "host name alone"),
        ("shop.example.com/", "host name alone"),
        ("shop.example.com:443", "host name alone"),
        ("me@shop.example.com", "host name alone"),
        ("127.0.0.1", "is an address"),
        ("127.0.0.1.", "is an address"),
        ("127.1", "end in a number"),
        ("0x7f.0x1", "end in a number"),
        ("example.1", "end in a number"),
        ("[::1]", "host name alone"),
        ("shop..example.com", "must be a host name"),
        (".example.com", "must be a host name"),
        ("shop.example.com..", "must be a host name"),
        ("-shop.example.com", "must be a host name"),
        ("shop-.example.com", "must be a host name"),
        ("shop_1.example.com", "must be a host name"),
        ("_acme.example.com", "must be a host name"),
        ("shop example.com", "must be a host name"),
        (" shop.example.com", "must be a host name"),
        ("shop.example.com\n", "must be a host name"),
        ("shop.example.com\0", "must be a host name"),
        ("shop.`)||Host(`x.com", "must be a host name"),
        ("shop,evil.example.com", "must be a host name"),
        ("xn--a.example.com", "must be a host name"),
        ("{{env}}.example.com", "must be a host name"),
        (long_label.as_str(), "must be a host name"),
        (long.as_str(), "must be a host name"),
    ] {
        let refused = host(text).expect_err(text);
        assert!(refused.contains(part), "{text:?}: {refused}");
    }
}

#[test]
fn names_of_the_installation_stay_its_own() {
    let clash =
        |text: &str| text.parse::<CustomHost>().unwrap().clash("dev.example.org", "ws.example.net").is_some();
    for taken in [
        "dev.example.org",
        "x.dev.example.org",
        "ws.example.net",
        "shop-abcdefgh.ws.example.net",
        "a.b.ws.example.net",
        "example.org",
        "example.net",
    ] {
        assert!(clash(taken), "{taken}");
    }
    for free in
        ["shop.example.org", "adev.example.org", "shop.example.net", "aws.example.net", "shop.example.com"]
    {
        assert!(!clash(free), "{free}");
    }
    let by_address =
        |text: &str| text.parse::<CustomHost>().unwrap().clash("127.0.0.1", "localhost").is_some();
    assert!(!by_address("shop.example.com"));
}

#[test]
fn what_is_written_down_is_not_translated() {
    let read = |text: &str| serde_json::from_value::<CustomHost>(text.into()).is_ok();
    assert!(read("shop.example.com"));
    assert!(!read("Shop.example.com") && !read("shop.example.com.") && !read("bücher.example"));
}

fn claim() -> RouteDomain {
    RouteDomain {
        id: Uuid::nil().into(),
        route_id: Uuid::nil().into(),
        host: "shop.example.com".parse().unwrap(),
        token: "0123".into(),
        created_at: DateTime::UNIX_EPOCH,
        checked_at: None,
        standing: Standing::Pending { failure: None },
    }
}

#[test]
fn a_record_shows_it_among_others() {
    let claim = claim();
    let judge =
        |records: &[&str]| claim.judge_records(&Ok(records.iter().map(ToString::to_string).collect()));
    let right = "devsanctum-verification=0123";
    assert_eq!(judge(&[right]), Ok(()));
    assert_eq!(judge(&["v=spf1 -all", right]), Ok(()));
    let missing = judge(&[]).unwrap_err();
    assert!(
        missing.contains("_devsanctum-challenge.shop.example.com") && missing.contains(right),
        "{missing}"
    );
    for wrong in
        ["0123", "devsanctum-verification=", "devsanctum-verification=01234", "DEVSANCTUM-VERIFICATION=0123"]
    {
        let refused = judge(&[wrong]).unwrap_err();
        assert!(refused.contains(wrong), "{refused}");
    }
    let long = "ü".repeat(5_000);
    assert!(judge(&[&long]).unwrap_err().len() < 600);
    let unread = claim.judge_records(&Err("DNS does not answer".into())).unwrap_err();
    assert!(unread.contains("DNS does not answer"), "{unread}");
}

#[test]
fn a_page_shows_it_alone() {
    let claim = claim();
    let judge = |page: &str| claim.judge_page(&Ok(page.into()));
    assert_eq!(judge("devsanctum-verification=0123"), Ok(()));
    assert_eq!(judge("devsanctum-verification=0123\r\n"), Ok(()));
    for wrong in ["", "0123", "<p>devsanctum-verification=0123</p>", "devsanctum-verification=01234"] {
        let refused = judge(wrong).unwrap_err();
        assert!(!refused.contains("<p>"), "what stands there is not told: {refused}");
    }
}

proptest! {
    #[test]
    fn whatever_is_taken_is_plain_and_stays_as_it_is(text in "\\PC{0,60}") {
        if let Ok(host) = text.parse::<CustomHost>() {
            let host = host.as_str();
            prop_assert!(host.contains('.') && host.len() <= CustomHost::MAX);
            prop_assert!(host.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.'));
            let again = host.parse::<CustomHost>().unwrap();
            prop_assert_eq!(again.as_str(), host);
        }
    }
}
