use super::super::testing::{column, derived, some};

const ZONES: &str = r#"[
        {"id":"Z1","name":"example.com","private":"false"},
        {"id":"Z2","name":"inside.example.com","private":"true"},
        {"id":"Z3","name":"unread.example.com","private":"false"}]"#;
const RECORDS: &str = r#"[
        {"zone":"Z1","name":"example.com","type":"SOA","values":"[]"},
        {"zone":"Z1","name":"example.com","type":"TXT","values":"[\"\\\"x\\\"\",\"\\\"v=spf1 -all\\\"\"]"},
        {"zone":"Z1","name":"_dmarc.example.com","type":"TXT","values":"[\"\\\"v=DMARC1; p=none\\\"\"]"},
        {"zone":"Z1","name":"delegated.example.com","type":"NS","values":"[\"ns.example.org.\"]"},
        {"zone":"Z1","name":"cname.example.com","type":"CNAME","values":"[\"mail.example.org\"]"},
        {"zone":"Z2","name":"inside.example.com","type":"TXT","values":"[\"\\\"v=spf1 -all\\\"\"]"}]"#;

fn told(names: &[&str], zones: &str, records: &str, of: &str) -> Vec<Option<String>> {
    let identities: Vec<_> = names
        .iter()
        .map(|name| format!(r#"{{"identity":"{name}"}}"#))
        .collect();
    let found = derived(&[
        ("route53_zone", zones),
        ("route53_record", records),
        ("route53_domain", r#"[{"name":"example.co.uk"}]"#),
        ("ses_identity", &format!("[{}]", identities.join(","))),
    ]);
    column(&found, "ses_identity", of)
}

#[test]
fn mail_records_count_only_where_the_zone_is_ours() {
    let names = ["example.com", "mail.example.com", "other.org", "a@example.com"];
    let of = |column| told(&names, ZONES, RECORDS, column);
    assert_eq!(of("spf"), [some("true"), some("false"), None, None]);
    assert_eq!(of("dmarc"), [some("true"), some("true"), None, None]);
}

#[test]
fn a_private_zone_is_none_and_an_unread_or_delegated_one_tells_nothing() {
    let names = [
        "inside.example.com",
        "unread.example.com",
        "delegated.example.com",
        "cname.example.com",
    ];
    assert_eq!(
        told(&names, ZONES, RECORDS, "spf"),
        [some("false"), None, None, None]
    );
    let twice = ZONES
        .replace("Z3", "Z9")
        .replace("unread.example.com", "example.com");
    assert_eq!(
        told(&["example.com"], &twice, RECORDS, "spf"),
        [None],
        "two zones of one name"
    );
}

#[test]
fn a_policy_that_is_kept_elsewhere_is_unknown_not_none() {
    let cname = RECORDS.replace(
        r#"_dmarc.example.com","type":"TXT""#,
        r#"_dmarc.example.com","type":"CNAME""#,
    );
    let cname = cname.replace(r#"\"v=DMARC1; p=none\\\""#, "x");
    assert_eq!(told(&["example.com"], ZONES, &cname, "dmarc"), [None]);
    let none = RECORDS.replace("_dmarc.example.com", "other.example.com");
    assert_eq!(told(&["example.com"], ZONES, &none, "dmarc"), [some("false")]);
    let wildcard = none.replace("other.example.com", "\\\\052.example.com");
    assert_eq!(told(&["example.com"], ZONES, &wildcard, "dmarc"), [None]);
    assert_eq!(told(&["mail.example.com"], ZONES, &wildcard, "spf"), [None]);
}

#[test]
fn the_search_for_a_policy_ends_at_a_registered_domain() {
    let zones = r#"[{"id":"Z1","name":"example.co.uk","private":"false"},{"id":"Z2","name":"other.co.uk","private":"false"}]"#;
    let records = r#"[
            {"zone":"Z1","name":"example.co.uk","type":"SOA","values":"[]"},
            {"zone":"Z2","name":"other.co.uk","type":"SOA","values":"[]"}]"#;
    let names = ["example.co.uk", "other.co.uk"];
    assert_eq!(told(&names, zones, records, "dmarc"), [some("false"), None]);
}
