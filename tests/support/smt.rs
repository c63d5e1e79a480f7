//! Evaluates the functions of an SMT-LIB file over whole numbers, as z3 would.

use std::collections::HashMap;

#[derive(Clone, Debug)]
enum Term {
    Word(String),
    List(Vec<Self>),
}

impl Term {
    fn word(&self) -> &str {
        match self {
            Self::Word(word) => word,
            Self::List(list) => panic!("a word, not {list:?}"),
        }
    }

    fn list(&self) -> &[Self] {
        match self {
            Self::List(list) => list,
            Self::Word(word) => panic!("a list, not {word}"),
        }
    }
}

struct Function {
    parameters: Vec<String>,
    body: Term,
}

/// Functions by their names. A truth is 1 or 0.
pub(crate) struct Program(HashMap<String, Function>);

/// Reads `(define-fun NAME ((PARAMETER SORT)…) SORT BODY)`, as often as it comes.
pub(crate) fn parse(texts: &[&str]) -> Program {
    let mut stack = vec![Vec::new()];
    for line in texts.iter().flat_map(|text| text.lines()) {
        let code = line.split(';').next().unwrap();
        let spaced = code.replace('(', " ( ").replace(')', " ) ");
        for word in spaced.split_whitespace() {
            match word {
                "(" => stack.push(Vec::new()),
                ")" => {
                    let list = Term::List(stack.pop().unwrap());
                    stack.last_mut().unwrap().push(list);
                }
                _ => stack.last_mut().unwrap().push(Term::Word(word.to_owned())),
            }
        }
    }
    assert_eq!(stack.len(), 1, "an open bracket");
    let functions = stack.remove(0).into_iter().map(|definition| {
        let [define, name, parameters, _, body] = definition.list() else {
            panic!("{definition:?}");
        };
        assert_eq!(define.word(), "define-fun");
        let parameters = parameters.list().iter();
        let function = Function {
            parameters: parameters
                .map(|it| it.list()[0].word().to_owned())
                .collect(),
            body: body.clone(),
        };
        (name.word().to_owned(), function)
    });
    Program(functions.collect())
}

impl Program {
    pub(crate) fn call(&self, name: &str, arguments: &[i128]) -> i128 {
        let function = self
            .0
            .get(name)
            .unwrap_or_else(|| panic!("no function {name}"));
        assert_eq!(function.parameters.len(), arguments.len(), "{name}");
        let names = function.parameters.iter().map(String::as_str);
        self.value(
            &function.body,
            &names.zip(arguments.iter().copied()).collect(),
        )
    }

    fn value<'a>(&'a self, term: &'a Term, bound: &HashMap<&'a str, i128>) -> i128 {
        let list = match term {
            Term::Word(word) => {
                return match bound.get(word.as_str()) {
                    Some(value) => *value,
                    None => word.parse().unwrap_or_else(|_| self.call(word, &[])),
                };
            }
            Term::List(list) => list,
        };
        match (list[0].word(), &list[1..]) {
            ("ite", [condition, yes, no]) => {
                let chosen = if self.value(condition, bound) == 1 {
                    yes
                } else {
                    no
                };
                self.value(chosen, bound)
            }
            ("let", [pairs, body]) => {
                let mut inner = bound.clone();
                for pair in pairs.list() {
                    inner.insert(pair.list()[0].word(), self.value(&pair.list()[1], bound));
                }
                self.value(body, &inner)
            }
            (name, arguments) => {
                let values: Vec<_> = arguments.iter().map(|it| self.value(it, bound)).collect();
                match (name, &values[..]) {
                    ("+", [a, b]) => a + b,
                    ("-", [a, b]) => a - b,
                    ("*", [a, b]) => a * b,
                    // Rounded as SMT-LIB says, for a divisor above zero.
                    ("div", [a, b]) => a.div_euclid(*b),
                    ("mod", [a, b]) => a.rem_euclid(*b),
                    ("<", [a, b]) => (a < b).into(),
                    ("<=", [a, b]) => (a <= b).into(),
                    (">=", [a, b]) => (a >= b).into(),
                    (">", [a, b]) => (a > b).into(),
                    ("=", [a, b]) => (a == b).into(),
                    ("and", truths) => truths.iter().all(|truth| *truth == 1).into(),
                    _ => self.call(name, &values),
                }
            }
        }
    }
}
