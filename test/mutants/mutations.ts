import {
  type Expression,
  type Node,
  type SourceFile,
  isArrayLiteralExpression,
  isBinaryExpression,
  isCallExpression,
  isConditionalExpression,
  isExportDeclaration,
  isExpressionStatement,
  isIdentifier,
  isIfStatement,
  isImportDeclaration,
  isNumericLiteral,
  isObjectLiteralExpression,
  isPrefixUnaryExpression,
  isPropertyAccessExpression,
  isRegularExpressionLiteral,
  isStringLiteral,
  isTypeNode,
} from 'typescript/unstable/ast';
import { VOCABULARIES } from './vocabularies.ts';

/** A place in a file and what could stand there instead. */
export interface Place {
  readonly file: string;
  readonly kind: string;
  readonly start: number;
  readonly end: number;
  readonly instead: readonly string[];
}

/** Kind of change, and what stands there instead. */
const OPERATORS: { readonly [operator in string]?: readonly [kind: string, instead: string] } = {
  '<': ['edge', '<='],
  '<=': ['edge', '<'],
  '>': ['edge', '>='],
  '>=': ['edge', '>'],
  '===': ['comparison', '!=='],
  '!==': ['comparison', '==='],
  '&&': ['logic', '||'],
  '||': ['logic', '&&'],
  '??': ['default', '&&'],
  '+': ['number', '-'],
  '-': ['number', '+'],
  '*': ['number', '/'],
  '/': ['number', '*'],
};

const CALLS: { readonly [name in string]?: string } = {
  some: 'every',
  every: 'some',
  startsWith: 'endsWith',
  endsWith: 'startsWith',
  min: 'max',
  max: 'min',
  find: 'findLast',
  findLast: 'find',
};

/** Every place of a file that could be otherwise. */
export function placesOf(file: string, source: SourceFile): readonly Place[] {
  const { text } = source;
  const places: Place[] = [];
  const add = (kind: string, start: number, end: number, ...instead: readonly string[]) => {
    if (instead.length > 0) places.push({ file, kind, start, end, instead });
  };
  const startOf = (node: Node) => node.getStart(source);
  const textOf = (node: Node) => text.slice(startOf(node), node.end);
  const negate = (condition: Expression) =>
    add('condition', startOf(condition), condition.end, `!(${textOf(condition)})`);
  /** An entry goes with the comma behind it. */
  const drop = (kind: string, node: Node) => {
    const comma = /^\s*,/.exec(text.slice(node.end))?.[0].length ?? 0;
    add(kind, startOf(node), node.end + comma, '');
  };

  function visit(node: Node): void {
    if (isImportDeclaration(node) || isExportDeclaration(node) || isTypeNode(node)) return;
    if (isBinaryExpression(node)) {
      const { end } = node.operatorToken;
      const operator = textOf(node.operatorToken);
      const [kind, instead] = OPERATORS[operator] ?? [];
      if (kind !== undefined && instead !== undefined) add(kind, end - operator.length, end, instead);
    } else if (isIfStatement(node)) {
      negate(node.expression);
      if (node.elseStatement === undefined) add('statement', startOf(node), node.end, '');
    } else if (isConditionalExpression(node)) {
      negate(node.condition);
    } else if (isPrefixUnaryExpression(node)) {
      if (text[startOf(node)] === '!') add('condition', startOf(node), node.end, textOf(node.operand));
    } else if (isStringLiteral(node)) {
      for (const [kind, words] of VOCABULARIES) {
        if (!words.includes(node.text)) continue;
        const others = words.filter((word) => word !== node.text);
        add(kind, startOf(node), node.end, ...others.map((word) => `'${word}'`));
      }
    } else if (isNumericLiteral(node)) {
      const value = Number(textOf(node).replaceAll('_', ''));
      add('number', startOf(node), node.end, `${value + 1}`, ...(value > 0 ? [`${value - 1}`] : []));
    } else if (isRegularExpressionLiteral(node)) {
      add('pattern', startOf(node), node.end, ...looserPatterns(textOf(node)));
    } else if (isExpressionStatement(node)) {
      add('statement', startOf(node), node.end, ';');
    } else if (isObjectLiteralExpression(node)) {
      for (const property of node.properties) drop('field', property);
    } else if (isArrayLiteralExpression(node)) {
      for (const element of node.elements) drop('entry', element);
    } else if (isCallExpression(node) && isPropertyAccessExpression(node.expression)) {
      const { name } = node.expression;
      const instead = isIdentifier(name) ? CALLS[name.text] : undefined;
      if (instead !== undefined) add('call', startOf(name), name.end, instead);
    } else if (textOf(node) === 'true' || textOf(node) === 'false') {
      add('condition', startOf(node), node.end, textOf(node) === 'true' ? 'false' : 'true');
    }
    node.forEachChild(visit);
  }
  visit(source);
  return places;
}

/** Without an anchor, without a flag. */
function looserPatterns(pattern: string): readonly string[] {
  const end = pattern.lastIndexOf('/');
  const [body, flags] = [pattern.slice(1, end), pattern.slice(end + 1)];
  return [
    ...(body.startsWith('^') ? [`/${body.slice(1)}/${flags}`] : []),
    ...(body.endsWith('$') && !body.endsWith('\\$') ? [`/${body.slice(0, -1)}/${flags}`] : []),
    ...(flags.includes('i') ? [`/${body}/${flags.replace('i', '')}`] : []),
  ].filter((other) => !other.startsWith('//'));
}
