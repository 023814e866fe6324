/** English words that say nothing about what a text is about. */
const STOP = new Set(
  `a about above across after again against ago all almost alone along already also although always am among an and
  another any anybody anyone anything are around as at away back be became because become been before began behind
  being below between both but by came can cannot could did do does doing done down during each either else enough
  etc even ever every everybody everyone everything except few first for from get gets getting give given go goes
  going gone got had has have having he hence her here hers herself him himself his how however i if in indeed
  instead into is it its itself just keep kept knew know known last least less let like likely little long look made
  make makes making many may maybe me might mine more most mr mrs ms much must my myself near nearly need needs
  neither never new next no nobody none nor not nothing now of off often oh on once one only onto or other others
  otherwise ought our ours ourselves out over own per perhaps please put quite rather really s said same saw say
  saying says second see seem seemed seems seen several shall she should since so some somebody someone something
  sometimes somewhere soon still such t take taken than that the their theirs them themselves then there thereby
  therefore these they thing things think this those though thought three through throughout thus till to together
  told too took toward towards two under unless until up upon us use used uses using usually very via want was way
  we well went were what whatever when where whether which while who whole whom whose why will with within without
  would yes yet you your yours yourself yourselves ll ve re um uh mm hmm yeah okay ok gonna wanna i'm i've i'll i'd it's that's he's she's we're we've they're you're don't didn't doesn't isn't wasn't won't
  can't couldn't wouldn't there's what's let's don didn doesn isn wasn won couldn wouldn`.split(/\s+/u),
);

export function isStopWord(key: string): boolean {
  return STOP.has(key);
}
