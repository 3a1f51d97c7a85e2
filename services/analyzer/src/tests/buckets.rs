//! What the built-in checks say of buckets that their own settings or the account's keep from the public.

use shared::facts::CheckStatus;

use super::{
    inventory::{findings, gaps, night},
    table,
};

#[tokio::test]
async fn a_bucket_is_as_public_as_its_own_settings_and_the_accounts_leave_it() {
    use CheckStatus::{Alarm, Unknown};
    let columns = [
        "name",
        "public_policy",
        "public_access_block",
        "account_public_access_block",
        "account_restrict_public_buckets",
    ];
    // Of a policy that grants something to everyone, all that may stop it; and what both checks say. None is ok.
    let cases: &[([&str; 4], [Option<CheckStatus>; 2])] = &[
        (["true", "false", "false", "false"], [Some(Alarm), Some(Alarm)]),
        (["true", "false", "true", "true"], [None, None]),
        (["true", "false", "false", "true"], [None, Some(Alarm)]),
        (["true", "false", "-", "-"], [Some(Unknown), Some(Unknown)]),
        (["true", "-", "false", "false"], [Some(Unknown), Some(Unknown)]),
        (["true", "-", "true", "true"], [None, None]),
        (["true", "true", "-", "-"], [None, None]),
        (["true", "true", "false", "false"], [None, None]),
        (["true", "-", "-", "-"], [Some(Unknown), Some(Unknown)]),
        (["false", "false", "-", "-"], [None, Some(Unknown)]),
        (["false", "false", "false", "false"], [None, Some(Alarm)]),
        (["-", "true", "true", "true"], [Some(Unknown), None]),
        (
            ["true", "false", "perhaps", "perhaps"],
            [Some(Unknown), Some(Unknown)],
        ),
    ];
    for (settings, [public, block]) in cases {
        let row: &[&str] = &[&["b"], settings.as_slice()].concat();
        let analysis = night(vec![table("s3_bucket", &columns, &[row])]).await;
        let status = |check| findings(&analysis, check).first().map(|found| found.1);
        assert_eq!(status("s3.public_policy"), *public, "{row:?}");
        assert_eq!(status("s3.public_access_block"), *block, "{row:?}");
    }
}

#[tokio::test]
async fn a_recording_of_before_the_accounts_block_was_read_is_unknown_only_where_it_matters() {
    let columns = ["name", "public_policy", "public_access_block"];
    let rows: &[&[&str]] = &[&["open", "true", "false"], &["shut", "false", "true"]];
    let denied = gaps(&[[
        "s3control",
        "global",
        "GetPublicAccessBlock",
        "AccessDenied",
        r#"["s3_account"]"#,
    ]]);
    for more in [vec![], vec![denied]] {
        let buckets = table("s3_bucket", &columns, rows);
        let analysis = night([vec![buckets], more].concat()).await;
        let policy = findings(&analysis, "s3.public_policy");
        let why = "its policy grants access to everyone; whether the account restricts public buckets could not be read";
        assert_eq!(policy, [("open", CheckStatus::Unknown, why)]);
        let block = findings(&analysis, "s3.public_access_block");
        let why = "not all four blocks are on; the account's could not be read";
        assert_eq!(block, [("open", CheckStatus::Unknown, why)]);
    }
}
