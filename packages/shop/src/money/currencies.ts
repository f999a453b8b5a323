/**
 * ISO 4217 "List One" of January 2026 (SIX, https://www.six-group.com/en/products-services/financial-information/data-standards.html),
 * grouped by minor-unit exponent. Codes without a minor unit (metals, XDR, XSU, XUA, XTS, XXX) are left out:
 * nobody orders in them. Withdrawn codes are left out too; events that carry one can still be read.
 */
const CODES_BY_EXPONENT: ReadonlyMap<number, string> = new Map([
  [0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'],
  [
    2,
    `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE
    CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD
    HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK
    MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD
    RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH
    USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG`,
  ],
  [3, 'BHD IQD JOD KWD LYD OMR TND'],
  [4, 'CLF UYW'],
]);

const DEFAULT_EXPONENT = 2;

/** Minor-unit exponent of every active currency. */
export const CURRENCIES: ReadonlyMap<string, number> = new Map(
  [...CODES_BY_EXPONENT].flatMap(([exponent, codes]) =>
    codes.split(/\s+/).map((code): [string, number] => [code, exponent]),
  ),
);

/** Whether `code` is an active ISO 4217 code, in capitals. */
export function isCurrency(code: string): boolean {
  return CURRENCIES.has(code);
}

/** Digits after the decimal point. 2 for a code that is not listed, so that old events stay readable. */
export function exponentOf(currency: string): number {
  return CURRENCIES.get(currency) ?? DEFAULT_EXPONENT;
}
