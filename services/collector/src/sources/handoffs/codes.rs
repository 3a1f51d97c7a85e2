//! Every kind of finding that an author can be told of, in one list: its code, the reason, the fix.
//!
//! `docs/HANDOFFS.md` shows the same list; a test holds the two together.

/// Makes the enum and the list of all its variants from one table, so that neither can lack one.
macro_rules! codes {
    ($($variant:ident $code:literal $reason:literal $fix:literal;)*) => {
        /// What kind of finding it is. Its text is stable: authors and queries may rely on it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $reason] $variant,)*
        }

        impl Code {
            /// In the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// As in `handoff_lint.code`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }
            /// Why it is said.
            pub fn reason(self) -> &'static str {
                match self { $(Self::$variant => $reason,)* }
            }
            /// What to do, where the finding itself knows nothing better.
            pub fn fix(self) -> &'static str {
                match self { $(Self::$variant => $fix,)* }
            }
        }
    };
}

codes! {
    FileIgnored "file.ignored" "A file that does not end in `.md` is not read." "give it the ending .md, or move it out of the folder";
    FileUnreadable "file.unreadable" "The file could not be fetched; what it says is unknown." "check that the file is there and may be read";
    FileTooLarge "file.too_large" "A file of more than 1 MiB is not read; what it says is unknown." "split it; a handoff is a few pages";
    FileBinary "file.binary" "The file has NUL bytes, as no text has; what it says is unknown." "save it again as text with the encoding UTF-8";
    FileNotUtf8 "file.not_utf8" "Bytes of this line are not UTF-8. The line is read with � in their place." "save it again with the encoding UTF-8";
    FileEmpty "file.empty" "The file has no text." "write the handoff, or delete the file";
    FileNoEntity "file.no_entity" "Neither the front matter nor the file's name says which business this is about." "put `entity: <id>` into the front matter (`entity: portfolio` if it concerns all), or name the file after the entity";
    FileUnknownEntity "file.unknown_entity" "The entity of the front matter is none of the portfolio." "use the id or the title of an entity of portfolio.toml";
    FileNoDate "file.no_date" "Nothing says how old this is." "put `updated: YYYY-MM-DD` into the front matter";
    FileBadDate "file.bad_date" "The date of the last update is no date." "write `updated: YYYY-MM-DD`";
    FileFuture "file.future" "The date of the last update is more than a month after the day reported on." "correct `updated:` in the front matter";
    FileStale "file.stale" "The last update is longer ago than `stale_after_days` of portfolio.toml." "read it once more and set `updated:` in the front matter";
    FrontMatterOpen "front_matter.open" "The front matter never ends; it is read as text." "close it with a line `---`";
    FrontMatterLine "front_matter.line" "A line of the front matter is not `key: value`; it is not read." "write one `key: value` a line; put lists into the text";
    FrontMatterKey "front_matter.key" "A key of the front matter is nearly one that is known; it is kept as a fact only." "use the key that is known";
    FrontMatterEmpty "front_matter.empty" "A key of the front matter has no value." "give it a value, or delete the line";
    FrontMatterTwice "front_matter.twice" "A key of the front matter is given twice; the first counts." "keep one";
    HeadingUnknown "heading.unknown" "The heading is nearly one of a section that is known, and opens another." "use the heading that is known";
    HeadingForm "heading.form" "The line is meant as a heading and is read as one, but Markdown sees none." "write `## Heading`, with a blank after at most six `#`";
    HeadingLong "heading.long" "The heading is longer than 100 characters; the section is known by the first 100." "write a short heading, and the rest below it";
    CodeOpen "code.open" "A code block never ends; everything below it is taken for code and not read." "close it with a line of the same marks";
    CommentOpen "comment.open" "A comment never ends; everything in it is not read." "close it with `-->`";
    TaskForm "task.form" "The line is read as a task, but it is not written as one." "write `- [ ] what to do`, with all three blanks";
    TaskMark "task.mark" "The mark in the box says neither open nor done; the task is taken for open." "write `[ ]` or `[x]`";
    TaskCancelled "task.cancelled" "A task marked `[-]` is taken for cancelled and left out." "delete the line, or write `[ ]` if it is still to be done";
    TaskEmpty "task.empty" "The task says nothing to do and is left out." "write what is to be done";
    TaskNoOwner "task.no_owner" "Nobody owns this open task." "add `[owner:: role]`";
    TaskDue "task.due" "The due date is no date." "write `[due:: YYYY-MM-DD]`";
    TaskMoney "task.money" "The impact or cost is no amount." "write `[impact:: $4,000]`, with `/mo` if it is per month";
    TaskEffort "task.effort" "The effort is no time." "write days, such as `[effort:: 2d]`";
    TaskField "task.field" "A field of the task is not known, empty or given twice." "use owner, due, impact, cost and effort, each once";
    TaskColon "task.colon" "A field of the task has one colon; it is read all the same." "write two: `[owner:: role]`";
    TaskNoBox "task.no_box" "A line of a task list has no box; it is read as a note." "write `- [ ] ...` if it is a task";
    TaskUnread "task.unread" "The line looks like a task, but stands where Markdown sees none, in a table say." "begin the line with `- [ ] `, with less than four blanks in front";
    TableRagged "table.ragged" "A row has more or fewer cells than the header. Cells beyond it are kept as `column <n>`." "give every row as many bars as the header; a bar in a text needs a backslash in front";
    TableDelimiter "table.delimiter" "The line below the header has another number of columns; other readers do not see a table here." "give both the same number of bars";
    TableEmpty "table.empty" "The table has a header and no rows." "add a row, or delete the table";
    TableHeader "table.header" "A column's header is longer than 100 characters; the first 100 are kept." "write a short header";
    DeployNoTime "deploy.no_time" "An entry of the deploy log has no date; it is kept as a note." "begin it with YYYY-MM-DD hh:mm";
    More "lint.more" "The file has more than 1,000 findings; this one counts those that are left out." "mend the others first";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_is_its_own_and_says_why_and_what_to_do() {
        let codes: BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(codes.len(), Code::ALL.len());
        for code in Code::ALL {
            assert!(code.as_str().contains('.'), "{code:?}");
            assert!(code.reason().ends_with('.'), "{code:?}");
            assert!(!code.fix().is_empty() && !code.fix().ends_with('.'), "{code:?}");
        }
    }
}
