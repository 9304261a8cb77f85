//! Remarks of `lint`, compared with what the three modes do.

use super::decode_any::read;
use crate::run::Ran;
use wbxml::{ErrorKind, LintKind, Options, Tokens, Tree, lint};

pub(super) fn body(bytes: &[u8]) -> Ran {
    let general = Options::general();
    let lints = match lint(bytes, &general) {
        Ok(lints) => lints,
        Err(error) => {
            // It is not even legal: the token layer says the same.
            let tokens = Tokens::new(bytes, &general).find_map(Result::err);
            let tokens = tokens.expect("the tokens are an error too");
            assert_eq!((tokens.kind(), tokens.offset()), (error.kind(), error.offset()));
            assert!(Tree::decode(bytes, &general).is_err());
            return Ran::Refused;
        }
    };
    for lint in &lints {
        assert!(lint.offset <= bytes.len());
        let shown = lint.to_string();
        assert!(shown.contains(&format!("at offset {:#x}", lint.offset)), "{shown}");
        assert!(lint.path.is_empty() || shown.ends_with(&lint.path), "{shown}");
    }
    if lints.last().is_some_and(|lint| lint.kind == LintKind::More) {
        return Ran::Checked;
    }
    let any = |test: fn(LintKind) -> bool| lints.iter().any(|lint| test(lint.kind));
    let refused = any(|kind| matches!(kind, LintKind::Refused(_) | LintKind::BadText));
    let forbidden = any(|kind| matches!(kind, LintKind::Forbidden(_)));

    let (_, general_error) = read(bytes, &general);
    let (_, strict_error) = read(bytes, &Options::strict());
    match (general_error, strict_error) {
        // What general mode refuses is remarked upon, but for what only its limits and tables of
        // strings and characters tell.
        (Some(error), _) => {
            let only_there = matches!(
                error.kind(),
                ErrorKind::StringTableIndex { .. }
                    | ErrorKind::UnterminatedString
                    | ErrorKind::BadText
                    | ErrorKind::BadEntity(_)
                    | ErrorKind::Limit(_)
            );
            assert!(refused || only_there, "{error}: {lints:?}");
        }
        (None, Some(strict)) => assert!(forbidden && !refused, "{strict}: {lints:?}"),
        (None, None) => assert!(!forbidden && !refused, "{lints:?}"),
    }

    // Written again by our encoder, nothing is left that an encoder is to blame for.
    let Ok(tree) = Tree::decode(bytes, &general) else { return Ran::Checked };
    let written = tree.encode().expect("what was read can be written");
    for remark in lint(&written, &general).expect("what was written is legal") {
        let blamed = matches!(
            remark.kind,
            LintKind::RedundantSwitch(_) | LintKind::LongInteger | LintKind::BadText
        );
        let forbidden = matches!(remark.kind, LintKind::Forbidden(rule) if !rule.to_string().contains("ENTITY"));
        assert!(!blamed && !forbidden, "{remark}");
    }
    Ran::Checked
}
