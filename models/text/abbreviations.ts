/** Abbreviations by what may follow them, in English, German, French, Spanish, Italian, Dutch, Scandinavian and Russian. */

const words = (list: string) => new Set(list.split(/\s+/u));

/** A name follows, so no sentence ends: titles, and what joins a phrase. */
export const NEVER_LAST = words(
  `e.g i.e cf vs viz mr mrs ms dr prof messrs mme mlle hr frl sra srta dra dña mons sig sigg dott ing dipl mag drs mevr dhr örn bkz κ κα mlle kapt fru gem lt ul ing mgr
  rev hon gen col capt cpt lt lieut maj sgt sergt cmdr adm gov sen rep pres st ste fr d.h z.b u.a i.d.r o.ä bzw vgl sog
  d.i m.a.w d.w.z bv p.ej c.à.d c.-à-d напр см ср т.е т.н им проф акад ул просп пер св м.ä f.eks bl.a dvs`,
);

/** A number or a single letter follows, or a sentence has ended. */
export const BEFORE_NUMBER = words(
  `no nos nr num núm art arts abs ch chap cap eq eqs ex fig figs abb taf tab sec secs sect vol vols bd bde p pp pg pgs s f ff
  blz č čl str σ σελ juill ks sid çev
  para paras pl pt ref refs rn tel str hausnr op ser sch app anm ziff kap bl z jh tit r стр рис табл гл п д кв корп г`,
);

/** A word that goes on may follow; a sentence has ended where one begins as sentences do. */
export const BEFORE_MORE = words(
  `appt bros ca cit co corp cpl dept ed eds eng esp est etc al inc jan feb mar apr jun jul aug sep sept oct nov dec okt dez mai
  jr sr ltd llc gmbh mt mts mio mrd std min sek tsd usw ggf evtl inkl exkl zzgl max mind urspr geb gest verh ehem univ supt
  pvt tab u.s a.m p.m approx av ave blvd rd jan juin juil janv févr avr déc env éd т.д т.п др пр тыс млн млрд руб v c orig resp`,
);
