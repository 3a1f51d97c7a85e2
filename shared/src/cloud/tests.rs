use super::*;

#[test]
fn all_that_is_missing_is_named_at_once_and_empty_is_missing() {
    let lookup = |name: &str| (name == "QUARTERDECK_BUCKET").then(String::new);
    let error = read(lookup, &[TABLE, BUCKET, QUEUE_PREFIX])
        .unwrap_err()
        .to_string();
    for name in [
        "QUARTERDECK_TABLE",
        "QUARTERDECK_BUCKET",
        "QUARTERDECK_QUEUE_PREFIX",
    ] {
        assert!(
            error.contains(&format!("environment variable {name} is missing: set it to ")),
            "{error}"
        );
    }
}

#[test]
fn what_is_there_is_read_under_its_name() {
    let lookup = |name: &str| Some(name.to_lowercase());
    let values = read(lookup, &[TABLE, BUCKET]).unwrap();
    assert_eq!(values["QUARTERDECK_TABLE"], "quarterdeck_table");
    assert_eq!(values.len(), 2);
}

#[test]
fn a_binary_is_its_first_handler_unless_told_and_names_those_it_has() {
    let known = ["collect", "sweep"];
    let choose = |found: Option<&str>| choose(found.map(str::to_owned), &known);
    assert_eq!(choose(None).unwrap(), "collect");
    assert_eq!(choose(Some("")).unwrap(), "collect");
    assert_eq!(choose(Some("sweep")).unwrap(), "sweep");
    let error = choose(Some("mail")).unwrap_err().to_string();
    assert_eq!(error, "_HANDLER is \"mail\", and this binary has: collect, sweep");
}

#[test]
fn no_function_is_given_what_its_ports_do_not_need() {
    let given = |handler: &str| {
        let (_, names) = HANDLERS.iter().find(|(name, _)| *name == handler).unwrap();
        names.iter().map(|name| name.name).collect::<Vec<_>>()
    };
    for (handler, _) in HANDLERS {
        assert_eq!(
            given(handler).contains(&"QUARTERDECK_RID_SECRET"),
            // The collector keys the fingerprints of the secrets that it finds with it.
            ["collect", "mail", "events", "replies"].contains(&handler)
        );
        assert_eq!(
            given(handler).contains(&"QUARTERDECK_CONFIGURATION_SET"),
            handler == "mail"
        );
    }
    for handler in ["sweep", "events", "replies"] {
        assert!(!given(handler).contains(&"QUARTERDECK_BUCKET"), "{handler}");
    }
}

#[tokio::test]
async fn mappings_are_read_by_stage_or_refused_as_a_whole() {
    let of = async |list: &str| Cloud::named(&[(MAPPINGS, list)]).await.mappings();
    let read = of("analyze=11-aa,render=22-bb").await.unwrap();
    let expected = [(Stage::Analyze, "11-aa"), (Stage::Render, "22-bb")].map(|(s, id)| (s, id.to_owned()));
    assert_eq!(read, BTreeMap::from(expected));
    for list in ["analyze", "analyze=", "analyse=11-aa", "analyze=11-aa,"] {
        let error = of(list).await.unwrap_err().to_string();
        assert!(
            error.contains("QUARTERDECK_MAPPINGS") && error.contains(list),
            "{error}"
        );
    }
}

#[test]
fn only_a_variable_with_the_prefix_of_values_is_looked_up() {
    assert!(environment("PATH").is_some(), "it is there to be read");
    assert_eq!(value("PATH"), None);
}

#[test]
fn a_function_is_configured_by_what_lambda_sets() {
    let connector = https::connector();
    let set = |name: &str| (name == "AWS_REGION").then(|| "eu-central-1".to_owned());
    let config = https::of_function(set, &connector);
    assert_eq!(config.region().map(AsRef::as_ref), Some("eu-central-1"));
    assert_eq!(config.endpoint_url(), None, "AWS's own");
    assert!(config.credentials_provider().is_some() && config.http_client().is_some());
    let set = |name: &str| (name == "AWS_ENDPOINT_URL").then(|| "http://127.0.0.1:4566".to_owned());
    let local = https::of_function(set, &connector);
    assert_eq!(local.endpoint_url(), Some("http://127.0.0.1:4566"));
}
