use super::*;

const CSV: &str = "user,arn,user_creation_time,password_enabled,password_last_used,mfa_active,access_key_1_active,\
        access_key_1_last_rotated,access_key_1_last_used_date,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date\n\
        <root_account>,arn:aws:iam::1:root,2020-01-01T00:00:00+00:00,not_supported,no_information,false,false,N/A,N/A,false,N/A,N/A\n\
        deploy,arn:aws:iam::1:user/deploy,2020-01-01T00:00:00+00:00,false,N/A,true,true,2026-10-10T09:00:00+00:00,2026-11-19T09:00:00+00:00,true,2026-08-01T00:00:00+00:00,N/A\n";

#[test]
fn the_oldest_active_key_counts_and_the_root_user_is_one() {
    let report: Vec<Report> = csv::Reader::from_reader(CSV.as_bytes())
        .into_deserialize()
        .collect::<Result<_, _>>()
        .unwrap();
    let name = |name: &str| Row::from([("name".to_owned(), Some(name.to_owned()))]);
    let mut users = vec![name("deploy"), name("new")];
    merge(&report, &mut users, "2026-11-20".parse().unwrap());
    let cells =
        |row: &Row| ["name", "mfa", "key_age_days", "last_used_on"].map(|c| text(row, c).map(str::to_owned));
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        cells(&users[0]),
        [some("deploy"), some("true"), some("111"), some("2026-11-19")]
    );
    assert_eq!(cells(&users[1]), [some("new"), None, None, None]);
    assert_eq!(cells(&users[2]), [some(ROOT), some("false"), some(""), some("")]);
    assert_eq!(text(&users[0], "password"), Some("false"));
    assert_eq!(
        text(&users[2], "password"),
        None,
        "not told, and not that it has none"
    );
}
