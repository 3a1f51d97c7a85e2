use super::*;

#[test]
fn places_are_filled_and_encoded_and_an_empty_one_is_an_error() {
    let context = Arc::new(Variable::from_json(r#"{"row":{"name":"a b"},"n":7}"#).unwrap());
    let path = Template::parse("/functions/{row.name}/url").unwrap();
    assert_eq!(
        path.text(&context, |t| t.replace(' ', "%20")).unwrap(),
        "/functions/a%20b/url"
    );
    assert!(
        Template::parse("{row.gone}")
            .unwrap()
            .text(&context, str::to_owned)
            .is_err()
    );
    assert!(Template::parse("{row").is_err());
    let parameters: Parameters = toml::from_str("A = ['{n}', 'x{n}']\nB = {C = true}").unwrap();
    assert_eq!(
        parameters.fill(&context).unwrap().to_string(),
        r#"{"A":[7,"x7"],"B":{"C":true}}"#
    );
}
