"""Whether a formula is what its sentence asserts, by the words around it.

A formula within a sentence may as well be a condition, a name for a thing (`the boundary $a = b$`), something wanted,
or said of another case than the one that is given.  What fits none of the frames below is left to other evidence.
The words are those of the sentence, with a NUL sign for every character of its formulas.
"""

from __future__ import annotations

import re

_IDLE = re.compile(
    r"\bfor (?:any|all|every|each|both|example|instance)\b(?!\s*\0)|\bsolv\w+ for\b|\b(?:is|are) given by\b"
    r"|\bbase case\b|\bwith respect to\b|\b(?:is|are) (?:then )?left with\b"
    r"|\bwith the (?:[\w-]+ )?(?:rule|trick|identity|formula|lemma|theorem|definition)\b"
    r"|\bwe (?:\w+ )?(?:show|prove|claim|check)\b"
    r"|\A\W*+(?:\w[\w-]* )?check[.:](?=\W)"
    r"|\b(?:can|may|could) (?:also )?(?:be )?(?:re)?writ(?:e|ten)\b"
    r"|\btake (?:the )?(?:logarithms?|logs?|derivatives?|gradients?|expectations?|(?:square )?roots?|traces?)\b"
    r"|\bif (?:it|this|that|the (?:claim|statement|formula|identity|hypothesis|result)) (?:holds|is true)"
    r"(?: for[\s\0]*)?",
    re.IGNORECASE,
)
"""What makes no condition, though a word in it does elsewhere; an induction may use what it shows."""

_TAIL = re.compile(
    r",\s*(?:(?:and )?(?:so|hence|thus|therefore)|i\.\s?e\.|that is|with)\b(?!\s*\0)(?P<rest>[^\0]{0,300})\Z",
    re.IGNORECASE,
)
_AS_WANTED = re.compile(
    r",\s*(?:just )?as (?:(?:it|they|this|one) )?(?:should|must|expected|required|desired|wanted|claimed|needed)\b"
    r"[^\0]{0,100}\Z"
)
"""What is said of a formula that holds."""
_CONTRADICTS = re.compile(
    r"\b(?:contradict\w*|impossible|absurd|cannot|wrong\w*|false|incorrect|only|if|when|where|unless|for)\b",
    re.IGNORECASE,
)
_ABSURD = re.compile(r"\bcontradict\w*|\babsurd\w*|\bimpossible\b", re.IGNORECASE)
_READ = re.compile(
    r"\b(?:for(?: (?:all|any|every|each))?|if|when|whenever|suppose|assume|provided|on)\s*\0+", re.IGNORECASE
)
OTHERS = (
    r"mistak\w*|careless\w*|confus\w*|misread\w*|misappl\w*|misconception\w*|pitfalls?|traps?|attempt\w*|tempt\w*|naive\w*"
    r"|forget\w*|forgot\w*|overlook\w*|(?:common|typical|frequent|usual|popular) (?:\w+ )?(?:errors?|slips?|answers?)"
    r"|(?:no|half|partial|zero)(?: of)?(?: the)? (?:credit|marks?|points?)|students?|pupils?|candidates?|colleagues?"
    r"|classmates?|friends?|someone|somebody|pretend\w*|imagin(?:e|ing)"
)
"""Words for what somebody else gets, or gets by mistake."""

SUPPOSES = (
    rf"{OTHERS}|"
    r"if|when|whenever|for|let(?! us\b)|suppos\w*|assum\w*|set|setting|put|at|with|unless|would|could|should|may|might"
    r"|not|n't|never|wrong\w*|false|incorrect\w*|instead|e\.g|where(?:ver)?|until|while|given|case|provided|want\w*|wish\w*"
    r"|require[ds]?|need\w*|such that|whether|either|cannot|define[ds]?|denote[ds]?|write|choos\w*|chose|take"
    r"|initial\w*|start\w*|after|before|otherwise|so that|check|claim|prove|disprove|show|question|recall"
    # What is put in place of what is given.
    r"|(?:doubl|halv|tripl|flipp|swapp|replac|remov|omitt|dropp|ignor|neglect)ing|in place of"
    r"|us(?:e|es|ing) [^,.;:\0]*\bof (?:one|two|three|four|five|half|zero|\d[\d.]*|\0+)"
)
"""Words beside which a formula may be a condition, a name for a thing, something wanted, denied, or said by others."""

_SUPPOSES = re.compile(
    rf"\b(?:{SUPPOSES}|(?:to|can|could|must) (?:get|obtain|have|reach|achieve|make|ensure|keep|satisfy))\b|\?"
    r"|\A\W*(?:had|were)\b",
    re.IGNORECASE,
)
_OF_THE_GIVEN = re.compile(
    r"a|an|the|this|that|these|it|its|we|i|you|our|one|may|can|must|then|thus|so|hence|therefore|now|here|also"
    r"|and|again|finally|first|second|third|next|since|because|as|by|from|with|for|at|in|on|of|to|is|are|be"
    r"|becomes|has|have|get|gets|obtain|obtains|find|finds|found|see|know|note|recall|yields|yield|gives|give"
    r"|given|follows|follow|following|using|use|applying|apply|taking|take|differentiating|differentiate"
    r"|computing|compute|computed|calculate|substituting|inserting|plugging|into|which|where|write|written"
    r"|respect|indeed|clearly|means|simply|directly|immediately|chain|product|quotient|sum|power|rule|loss"
    r"|cost|error|objective|function|gradient|derivative|slope|partial|hessian|jacobian|update|step|output"
    r"|input|weight|weights|bias|value|values|result|answer|expression|formula|equation|line|definition|origin"
    r"|whereas|marks?|points?|class|sample|expectation|variance|parameter|variable|layer|hidden|logit|logits",
    re.IGNORECASE,
)
"""Words that say of a formula that it holds, and of nothing else than what is given."""
_PECULIAR = re.compile(
    r"\b(?:boundar\w*|limit\w*|regimes?|fixed|equilibri\w*|steady|converge\w*|saturat\w*|stationar\w*|extrem\w*"
    r"|critical|optim\w*|minim\w*|maxim\w*|best|least|greatest|largest|smallest|equality|approximat\w*|expansion"
    r"|special|only|same|dead|(?:in)?active|uniform\w*|constraints?|conditions?|without|ignor\w*|neglect\w*|drop\w*"
    r"|omit\w*|up to|order|large|small|roughly|about|under|alone|independen\w*|balanced|linear\w*|dimension\w*|scalar"
    r"|unbiased|naive|usual\w*|standard\w*|original\w*|model\w*|alternativ\w*|approach\w*|replac\w*|one[- ]hot|diagonal"
    r"|larger|bigger|smaller|higher|lower|doubl\w*|halv\w*|tripl\w*|increas\w*|decreas\w*|reduc(?:ing|ed)|chang\w*"
    r"|remov\w*|tangent\w*|secant\w*|surrogate\w*|padd\w*|forgetting|new|different|perturb\w*|shift(?:ing|ed)"
    r"|normali[sz]\w*|scaling (?:the|to|by|its|each|all)|clip\w*"
    r"|mask(?:ed|ing)|correct|true|(?<!non-)(?:posi|nega)tive|zero|first step|start|end|other|another|infinit\w*"
    r"|mod(?:ulo)?|propos\w*|(?:second|third) (?:network|model|loss|version|method)|librar\w*|pytorch|tensorflow"
    r"|keras|implement\w*|rescal\w*|mirror\w*|fair|even (?:chance|odds|split)|equally|likely|identity (?!matrix\b)\w+"
    r"|through the origin|constant (?!factors?\b|terms?\b)\w+|(?:runs?|pass(?:es)?|goes) through"
    r"|(?:is|are) (?:on|off))\b",
    re.IGNORECASE,
)
_EXTREME = re.compile(
    r"\b(?:extrem\w*|optim\w*|minim\w*|maxim\w*|best|least|greatest|largest|smallest)\b", re.IGNORECASE
)
"""Words for where a formula holds that says itself where it does."""
_KINDS = (
    r"(?:variance|covariance|mean|expectation|expected value|gradient|derivative|slope|hessian|jacobian|update|distance"
    r"|value|norm|determinant|trace|inverse|loss|error|risk|cost|objective|log-?likelihood|output|sum|product|ratio|difference"
    r"|entropy|divergence|curvature|probability|odds|score|eigenvalues?|length|area|margin)s?"
)
_OF = (
    r"(?:\s+(?:of|by|from|in|inside|between|to|with respect to|w\.?r\.?t\.?|matrix|function|vector|rule|term)\b"
    r"[^,;:]{0,200})?"
)
_SUBJECT = (
    r"\b(?:the|its|their|this|whose|which|and)\s+(?:(?:first|second|third|partial|total|resulting|corresponding|full"
    r"|(?:larg|small|great|high|low)est|least|minimal|maximal|optimal)\s+)*"
    rf"{_KINDS}{_OF}\s+(?:is|are|has|have|reads?|satisf(?:y|ies)|becomes?)"
)
_GETS = (
    r"(?:equals?|becomes?|gives?|yields?|leaves?|left with|gets?|obtains?|finds?|sees?|follows?(?: that)?|results? in"
    r"|comes? to|reads?"
    r"|then|(?:we|one) (?:also |again |then |now )?(?:has|have)|so|hence|thus|therefore|because|since|shows?(?: that)?"
    r"|(?:adds?|sums?)(?: up)? to|(?:can|may|could) (?:also )?(?:be )?(?:re)?writ(?:e|ten)(?: it)?(?: as)?"
    r"|proves?|implies|checks?|verif(?:y|ies)|know|knows?|notes?|note|clearly|obviously"
    r"|simplifies to|reduces to|given by)"
)
_WORKS = (
    r"(?:summ|add|subtract|multiply|divid|expand|simplify|differentiat|collect|rearrang|scal|unroll|solv|substitut|insert"
    r"|plugg|combin|factor|integrat|averag|compar|rewrit|apply|iterat|cancel|comput|evaluat|squar)"
)
_LEADS = (
    r"(?:and|as|but|so|also|then|now|next|finally|again|first|second|third|firstly|secondly|thirdly|moreover|furthermore"
    r"|similarly|likewise|clearly|obviously|evidently|indeed|overall|altogether|together|consequently|accordingly"
    r"|in (?:general|particular|total|fact|short|sum|other words|(?:both|all|each) cases?)"
    rf"|by (?:[\w'’-]+ ){{0,3}}[\w'’-]+|{_WORKS}ing(?: [\w'’-]+){{0,6}}"
    r"|base case|step|induction step|claim|\(?[a-z\d]\))"
)
_LABEL = re.compile(
    r"\W*(?:\(?\w[).]\s+)?(?:the\s+)?(?:(?:weight|bias|input|output|hidden|local|total|upstream|layer|error|loss|final)\s+)*"
    r"(?:gradients?|derivatives?|slopes?|errors?|residuals?|outputs?|losses|loss|deltas?)\W*",
    re.IGNORECASE,
)
_FRAME = re.compile(
    rf"\A\W*(?:{_LEADS}(?:\W+|$)){{0,5}}(?:we (?:\w+ )?(?:show|prove|claim)(?: that)?\W*)?\Z"
    rf"|(?:\b{_GETS}|[∴∵])(?: that)?\W*\Z",
    re.IGNORECASE,
)
_SAID = re.compile(rf"{_SUBJECT}(?: that)?\W*\Z", re.IGNORECASE)
_CLAUSE = re.compile("[,;:.\0](?=\\s|\0|$)|\0")
_CLOSES = re.compile(
    r"[\s\0]*(?:[.,;:!)∎□]|\Z|(?:and|as|by|because|since|so|which|hence|thus|therefore|or|from|again|holds"
    r"|for (?:all|any|every|each))\b)",
    re.IGNORECASE,
)


def asserts(words: str, behind: str, *, reads: bool = False) -> bool:
    """Whether a sentence asserts its formula, by the words before it and behind it, of whatever it speaks.

    `reads` says that the conditions that its words lead to by formulas are read, and put in.
    """
    behind = _AS_WANTED.sub(".", behind)
    tail = _TAIL.search(behind)
    if tail is not None and not _CONTRADICTS.search(tail["rest"]):
        behind = behind[: tail.start()]
    whole = _IDLE.sub(" ", f"{words}\0{behind}")
    if _SUPPOSES.search(_READ.sub("\0", whole) if reads else whole):
        return False
    behind = _READ.sub(",", behind) if reads else behind
    words = words.rstrip("*_ \t\n")
    clause = _CLAUSE.split(words.rstrip(",:"))[-1]
    is_begun = not words or words.endswith((",", ":", "\0"))
    is_framed = is_begun or bool(_FRAME.search(_IDLE.sub(" ", clause)) or _SAID.search(re.sub("\0+", "it", words)))
    return is_framed and bool(_CLOSES.match(behind))


def labels(words: str, behind: str) -> bool:
    """Whether a sentence is its formula behind a name for it alone, as in `3. Weight gradient $a = b$.`"""
    return bool(_LABEL.fullmatch(words) and _CLOSES.match(behind)) and not re.search(r"[^\W\d_]|\?", behind)


def is_of_the_given(words: str, behind: str) -> bool:
    """Whether all words of a sentence say of its formula that it holds, and of nothing else than what is given.

    At a place or in a case it may be said all the same.
    """
    return "?" not in words + behind and all(map(_OF_THE_GIVEN.fullmatch, _WORD.findall(f"{words} {behind}")))


_WORD = re.compile(r"[^\W\d_]+")


def is_peculiar(words: str, *, is_placed: bool = False) -> bool:
    """Whether words may say that a formula holds of another quantity than the given one, at a place, or not quite.

    `is_placed` says that it names its place itself, so that words for an extreme do not.
    """
    return bool(_PECULIAR.search(_EXTREME.sub(" ", words) if is_placed else words))


def looks_for_contradiction(text: str) -> bool:
    """Whether a text supposes something in order to contradict it."""
    return bool(_ABSURD.search(text))
