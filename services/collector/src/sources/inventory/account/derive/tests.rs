use super::{
    testing::{column, derived, some},
    *,
};

#[test]
fn a_queues_dead_letters_are_another_queues_messages() {
    let queues = r#"[
            {"name":"a","region":"r","dead_letter_queue":"dead","depth":"1"},
            {"name":"dead","region":"r","dead_letter_queue":"","depth":"7"},
            {"name":"b","region":"r","dead_letter_queue":"elsewhere"},
            {"name":"c","region":"r","dead_letter_queue":null,"depth":null}]"#;
    let depths = column(
        &derived(&[("sqs_queue", queues)]),
        "sqs_queue",
        "dead_letter_depth",
    );
    assert_eq!(depths, [some("7"), some(""), None, None]);
}

#[test]
fn origins_are_there_if_all_their_buckets_are_ours_and_else_unknown() {
    let sites = r#"[
            {"origins":"[\"api.example.com\",\"site.s3.us-west-2.amazonaws.com\"]"},
            {"origins":"[\"site.s3.us-west-2.amazonaws.com\",\"gone.s3.amazonaws.com\"]"},
            {"origins":"[\"api.example.com\"]"},
            {"origins":null}]"#;
    let exist = |tables: &[(&'static str, &str)]| {
        column(&derived(tables), "cloudfront_distribution", "origin_exists")
    };
    let both = [
        ("cloudfront_distribution", sites),
        ("s3_bucket", r#"[{"name":"site"}]"#),
    ];
    assert_eq!(exist(&both), [some("true"), None, None, None]);
    assert_eq!(exist(&both[..1]), [None, None, None, None], "no bucket was read");
}

#[test]
fn an_arn_finds_its_entity_and_leaves_no_trace() {
    let buckets =
        format!(r#"[{{"name":"a","{ARN}":"arn:1"}},{{"name":"b","{ARN}":null}}]"#).replace('\0', "\\u0000");
    let tags = r#"[{"arn":"arn:1","entity":"jada"}]"#;
    let found = derived(&[("s3_bucket", &buckets), ("resource_entity", tags)]);
    assert_eq!(column(&found, "s3_bucket", "entity"), [some("jada"), None]);
    assert!(found.rows("s3_bucket").iter().all(|row| !row.contains_key(ARN)));
}
