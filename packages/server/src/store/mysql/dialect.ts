import {
  type CreateTableNode,
  type DataTypeNode,
  type Dialect,
  MysqlAdapter,
  MysqlDialect,
  type MysqlPool,
  MysqlQueryCompiler,
  type SelectModifierNode,
  SelectQueryNode,
} from 'kysely'

/**
 * Subjects are told apart by case (openids are), whatever collation the database was made with; a text may be as
 * long as elsewhere; and `for share` is spelled in the one way that MySQL and MariaDB both know: with `skip locked` there is
 * none, and the stronger lock stands in. MariaDB locks what a query reads, without naming tables of it.
 */
class BinaryMysqlQueryCompiler extends MysqlQueryCompiler {
  protected override visitCreateTable(node: CreateTableNode): void {
    super.visitCreateTable(node)
    this.append(' engine = InnoDB default character set utf8mb4 collate utf8mb4_bin')
  }

  protected override visitDataType(node: DataTypeNode): void {
    this.append(node.dataType === 'text' ? 'longtext' : node.dataType)
  }

  /** Whether the query around the modifier that is being written says so. */
  #skipsLocked(): boolean {
    const { parentNode } = this
    const modifiers = parentNode && SelectQueryNode.is(parentNode) ? (parentNode.endModifiers ?? []) : []
    return modifiers.some(({ modifier }) => modifier === 'SkipLocked')
  }

  protected override visitSelectModifier(node: SelectModifierNode): void {
    if (node.modifier === 'ForShare') this.append(this.#skipsLocked() ? 'for update' : 'lock in share mode')
    else if (node.modifier === 'ForUpdate') this.append('for update')
    else super.visitSelectModifier(node)
  }
}

/** Kysely's MySQL dialect, for MySQL 8 and MariaDB 10.6 and later. */
export function createMysqlDialect(pool: MysqlPool): Dialect {
  const base = new MysqlDialect({ pool })
  return {
    createDriver: () => base.createDriver(),
    createAdapter: () => new MysqlAdapter(),
    createQueryCompiler: () => new BinaryMysqlQueryCompiler(),
    createIntrospector: db => base.createIntrospector(db),
  }
}
