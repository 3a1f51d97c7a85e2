//! Who may do everything: by a policy that is attached, and as one of a group. Inline policies are in the list already.

use std::collections::BTreeMap;

use super::list;
use crate::sources::inventory::account::rows::{Inventory, Row, set, text};

/// Adds what attached policies and groups give to `admin` of users, groups and roles. Where one of them is unknown, and nothing
/// else makes an administrator, that is unknown.
pub fn fill(inventory: &mut Inventory) {
    let policies = flags(inventory, "iam_policy", "arn");
    for table in ["iam_group", "iam_role", "iam_user"] {
        for row in inventory.rows_mut(table) {
            let attached = list(row, "policies").map(|all| {
                // AWS's own are none of this account's, and the one that allows everything was seen in the list.
                let of_account = all
                    .into_iter()
                    .filter(|policy| policy.starts_with("arn:") && !policy.contains(":iam::aws:"));
                of_account.collect()
            });
            add(row, attached, &policies);
        }
    }
    let groups = flags(inventory, "iam_group", "name");
    for row in inventory.rows_mut("iam_user") {
        let member = list(row, "groups");
        add(row, member, &groups);
    }
}

/// `admin` of a table's rows, by what names them; none is unknown.
fn flags(inventory: &Inventory, table: &str, name: &str) -> BTreeMap<String, Option<bool>> {
    let of = inventory.rows(table).iter();
    of.filter_map(|row| Some((text(row, name)?.to_owned(), flag(row))))
        .collect()
}

fn flag(row: &Row) -> Option<bool> {
    text(row, "admin").and_then(|text| text.parse().ok())
}

fn add(row: &mut Row, through: Option<Vec<String>>, flags: &BTreeMap<String, Option<bool>>) {
    let mut admin = flag(row);
    match through {
        None if admin == Some(false) => admin = None,
        None => {}
        Some(names) => {
            for name in names {
                admin = match (admin, flags.get(&name).copied().flatten()) {
                    (Some(true), _) | (_, Some(true)) => Some(true),
                    (Some(false), Some(false)) => Some(false),
                    _ => None,
                };
            }
        }
    }
    set(row, "admin", admin.map(|admin| admin.to_string()));
}

#[cfg(test)]
mod tests {
    use super::super::testing::{column, derived, some};

    const USERS: &str = r#"[
        {"name":"a","admin":"false","groups":"[\"ops\"]","policies":"[]"},
        {"name":"b","admin":"false","groups":"[]","policies":"[\"arn:aws:iam::aws:policy/ReadOnlyAccess\",\"inline\"]"},
        {"name":"c","admin":"false","groups":"[]","policies":"[\"arn:aws:iam::1:policy/all\"]"},
        {"name":"d","admin":"true","groups":"[]","policies":"[\"arn:aws:iam::1:policy/gone\"]"}]"#;
    const GROUPS: &str = r#"[{"name":"ops","admin":"false","policies":"[\"arn:aws:iam::1:policy/all\"]"}]"#;
    const ROLES: &str = r#"[{"name":"r","admin":"false","policies":"[\"arn:aws:iam::1:policy/all\"]"}]"#;
    const POLICIES: &str = r#"[{"arn":"arn:aws:iam::1:policy/all","admin":"true"}]"#;

    #[test]
    fn attached_policies_and_groups_make_administrators() {
        let read = derived(&[
            ("iam_user", USERS),
            ("iam_group", GROUPS),
            ("iam_role", ROLES),
            ("iam_policy", POLICIES),
        ]);
        assert_eq!(
            column(&read, "iam_user", "admin"),
            [some("true"), some("false"), some("true"), some("true")]
        );
        assert_eq!(column(&read, "iam_group", "admin"), [some("true")]);
        assert_eq!(column(&read, "iam_role", "admin"), [some("true")]);
    }

    #[test]
    fn what_was_not_read_makes_nobody_harmless() {
        let admin = |tables: &[(&'static str, &str)], table: &str| column(&derived(tables), table, "admin");
        let users = [("iam_user", USERS), ("iam_policy", POLICIES)];
        assert_eq!(
            admin(&users, "iam_user"),
            [None, some("false"), some("true"), some("true")],
            "groups were not read"
        );
        let unread = [("iam_user", USERS), ("iam_group", GROUPS), ("iam_role", ROLES)];
        assert_eq!(
            admin(&unread, "iam_user"),
            [None, some("false"), None, some("true")],
            "policies were not read"
        );
        assert_eq!(admin(&unread, "iam_role"), [None]);
        let unknown = [
            ("iam_role", ROLES),
            (
                "iam_policy",
                r#"[{"arn":"arn:aws:iam::1:policy/all","admin":null}]"#,
            ),
        ];
        assert_eq!(admin(&unknown, "iam_role"), [None]);
    }
}
