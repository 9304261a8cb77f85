//! Names and what their prefixes stand for.

use super::super::NAMESPACE;
use super::{Element, Namespace, Reader, Step, fault};
use crate::Tag;
use crate::error::{ErrorKind, Fault, XmlFault};

/// Namespace declarations that may be in force at a time, if the depth limit does not want more.
pub(super) const BINDINGS_MAX: usize = 128;

impl<'x> Reader<'x> {
    /// The element of a name, by the bindings in force.
    pub(super) fn element(
        &mut self,
        name: &'x str,
        offset: usize,
        page: Option<(&'x str, usize)>,
        token: Option<(&'x str, usize)>,
    ) -> Step<Element> {
        let (prefix, local) = match memchr::memchr(b':', name.as_bytes()) {
            Some(colon) => (&name[..colon], &name[colon + 1..]),
            None => ("", name),
        };
        let namespace = self
            .bindings
            .iter()
            .rev()
            .find(|(bound, _)| same_prefix(bound, prefix))
            .map_or(Namespace::None, |(_, namespace)| *namespace);
        let element = match (namespace, local) {
            (Namespace::Own, "unknown") => {
                let number = |attribute: Option<(&str, usize)>| {
                    let (value, _) = attribute?;
                    value.parse::<u8>().ok()
                };
                return match (number(page), number(token)) {
                    (Some(page), Some(token @ 0x05..=0x3F)) => {
                        Ok(Element::Tag(Tag::new(page, token)))
                    }
                    _ => fault(XmlFault::Attribute, offset),
                };
            }
            (Namespace::Own, "value") => Some(Element::Value),
            (Namespace::Own, "document") => Some(Element::Document),
            (Namespace::Own, "damage") => return Err(Fault::new(ErrorKind::Damaged, offset)),
            (Namespace::Page(page), _) => page.find(local).map(Element::Tag),
            _ => None,
        };
        if let Some((_, offset)) = page.or(token) {
            return fault(XmlFault::Attribute, offset);
        }
        if let Some(element) = element {
            return Ok(element);
        }
        self.unknown = Some(match namespace {
            Namespace::Unknown(uri) => format!("{{{uri}}}{local}"),
            _ => name.to_owned(),
        });
        Err(Fault::new(ErrorKind::UnknownName, offset))
    }

    pub(super) fn bind(
        &mut self,
        prefix: &'x str,
        uri: &'x str,
        offset: usize,
        outer: usize,
    ) -> Step {
        if self.bindings[outer..].iter().any(|(bound, _)| same_prefix(bound, prefix)) {
            return fault(XmlFault::Syntax, offset);
        }
        let namespace = if uri == NAMESPACE {
            Namespace::Own
        } else if uri.is_empty() {
            Namespace::None
        } else {
            match self.options.table.find_page(uri) {
                Some(page) => Namespace::Page(page),
                None => Namespace::Unknown(uri),
            }
        };
        // Looking for a prefix goes through them all.
        if self.bindings.len() >= BINDINGS_MAX.max(self.options.limits.depth.saturating_mul(2)) {
            return fault(XmlFault::Declarations, offset);
        }
        self.bindings.push((prefix, namespace));
        Ok(())
    }
}

/// Whether two prefixes are the same. Comparing empty strings by the C library can be slow: their
/// address may not be mapped.
#[inline]
fn same_prefix(left: &str, right: &str) -> bool {
    left.len() == right.len() && (left.is_empty() || left == right)
}
