/** What a sentence does that a reader of a summary looks for, told by its wording. */

/** A term is said to be something. */
export const DEFINES =
  /\b(?:is|are|was|were) (?:an? |the |one of |defined|called|known|used (?:to|for|as)|based|responsible|designed|intended|made)\b|\b(?:refers? to|means?|consists? of|describes?|represents?|defines?|contains?|provides?|allows?|enables?|supports?|includes?|specif(?:y|ies)|returns?)\b/iu;
/** A duty, a decision, a plan. */
export const DECIDES =
  /\b(?:shall|must|should|will|agreed?|agrees|decided?|decides|decision|require[sd]?|recommend(?:s|ed)?|propose[sd]?|plan(?:s|ned)? to|going to|need(?:s|ed)? to|have to|has to|let['’]?s|responsible for)\b/iu;
export const WARNS =
  /\b(?:warn(?:s|ing|ed)?|caution|danger(?:ous)?|beware|careful|must not|may not|do not|don['’]t|cannot|can't|never|avoid|deprecated|removed|breaking|incompatible|unsafe|fail(?:s|ed|ure)?|risk|only if|unless|except)\b/iu;
/** An amount of money, a share, a measure, or a date. */
export const FIGURES =
  /[$€£¥]\s?\d|\b\d[\d.,]*\s?(?:%|per ?cent|percent|million|billion|thousand|hundred|years?|months?|weeks?|days?|hours?|minutes?|seconds?|dollars?|euros?|pounds?|miles?|km|kg|MB|GB|ms|Hz)\b|\b(?:1[5-9]|20)\d\d\b|\b(?:january|february|march|april|june|july|august|september|october|november|december)\b/iu;
/** Why, and what follows. */
export const EXPLAINS =
  /\b(?:because|since|therefore|thus|hence|so that|in order to|as a result|result(?:s|ed)? in|leads? to|led to|causes?|caused|due to|consequently|which means|this means|reason)\b/iu;
export const CONCLUDES =
  /\b(?:in (?:summary|conclusion|short)|overall|to (?:sum up|summarize|conclude)|the (?:main|key|most important|primary|central|goal|purpose|aim|idea|point|problem|advantage|difference|result) \b|important(?:ly)?|significant(?:ly)?|essential|crucial|fundamental)\b/iu;
/** Marks and fillers of speech as it was written down. */
export const HESITATES =
  /\{[a-z_ ]+\}|\b(?:um+|uh+|hmm+|mm|erm?|you know|i mean|sort of|kind of|okay|ok|yeah)\b|\b(\p{L}+)[ ,]+\1\b/giu;
export const FIRST_PERSON = /\b(?:I|me|my|mine|we|us|our|ours)\b/u;
export const SECOND_PERSON = /\b(?:you|your|yours)\b/iu;
/** Figures, exercises, sources, navigation: what points to another place. */
export const REFERS =
  /\b(?:see (?:also|the|section|chapter|figure|table|\[)|figure|fig\.|table|exercise|appendix|listing|https?:|www\.|click|ibid|op\. cit|pp?\. ?\d|vol\.|ISBN|copyright|all rights reserved|following (?:code|example|table|figure|list|section)|(?:this|next|previous|last) (?:section|chapter|page|slide|figure|table)|shown (?:in|above|below)|as follows|\[footnote|hint:)/iu;
export const EXEMPLIFIES =
  /\b(?:for (?:example|instance)|e\.g\.|such as|suppose|imagine|let us say|consider (?:a|an|the)\b)/iu;
/** A statement of a programming language, or a line of a terminal. */
export const CODE =
  /[;{}]\s*$|^\s*(?:>>>|\$ |#include|import |from \S+ import|def |class \w+[:(]|func |let |var |const |return )|\w\([^()]*\)\.|\S\s[=:]=?\s\S.*[([]|=>|::\w+::/u;
