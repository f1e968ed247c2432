using LightningDB;
using NUnit.Framework;

namespace Logos.P2P.Tests.Polyfills.StandInOnly;

/// <summary>Use in the wrong order, where the package would read freed memory: here it is refused.</summary>
[TestFixture]
internal sealed class LightningLifetimeTests
{
    private LmdbDirectory _directory = null!;
    private LightningEnvironment _environment = null!;
    private LightningDatabase _database = null!;

    private static IEnumerable<TransactionBeginFlags> Kinds =>
        [TransactionBeginFlags.None, TransactionBeginFlags.ReadOnly];

    private static IEnumerable<TestCaseData> Uses()
    {
        yield return Case("put", (transaction, database) => transaction.Put(database, [1], [1]));
        yield return Case("get", (transaction, database) => transaction.Get(database, [1]));
        yield return Case("delete", (transaction, database) => transaction.Delete(database, [1]));
        yield return Case("truncate", (transaction, database) => transaction.TruncateDatabase(database));
        yield return Case("count", (transaction, database) => transaction.GetEntriesCount(database));
        yield return Case("cursor", (transaction, database) => transaction.CreateCursor(database));
        yield return Case("open", (transaction, _) => transaction.OpenDatabase());

        static TestCaseData Case(string name, Action<LightningTransaction, LightningDatabase> use) =>
            new TestCaseData(use).SetArgDisplayNames(name);
    }

    [SetUp]
    public void OpenEnvironment()
    {
        _directory = new LmdbDirectory();
        _environment = _directory.Open();
        _database = _environment.CreateDatabase();
        _environment.PutAndCommit(_database, 1);
    }

    [TearDown]
    public void CloseEnvironment()
    {
        _database.Dispose();
        _environment.Dispose();
        _directory.Dispose();
    }

    [TestCaseSource(nameof(Kinds))]
    public void An_environment_that_is_disposed_of_too_early_stays_until_its_transaction_ends(TransactionBeginFlags kind)
    {
        LightningTransaction transaction = _environment.BeginTransaction(kind);
        MDBValue value = transaction.Get(_database, [1]).value;

        _environment.Dispose();

        Assert.That(_environment.IsOpened, Is.False);
        Assert.That(value.CopyToNewArray(), Is.EqualTo(new byte[] { 1 }));
        Assert.That(transaction.Read(_database, 1), Is.EqualTo(new byte[] { 1 }));
        Assert.That(() => transaction.Commit(), Throws.InvalidOperationException);
        Assert.That(transaction.Dispose, Throws.InvalidOperationException);
        Assert.That(transaction.Dispose, Throws.Nothing);
    }

    [Test]
    public void What_was_not_committed_is_dropped_when_the_environment_goes_first()
    {
        LightningTransaction transaction = _environment.BeginTransaction();
        transaction.Put(_database, [2], [2]).ThrowOnError();

        _environment.Dispose();
        Assert.That(transaction.Dispose, Throws.InvalidOperationException);

        _environment = _directory.Open();
        Assert.That(_environment.ReadKeys(_environment.CreateDatabase()), Is.EqualTo(new byte[][] { [1] }));
    }

    [Test]
    public void A_reader_on_another_thread_outlives_the_environment()
    {
        LightningTransaction transaction = _environment.BeginTransaction(TransactionBeginFlags.ReadOnly);
        var disposing = new Thread(_environment.Dispose);

        disposing.Start();
        disposing.Join();

        Assert.That(transaction.Read(_database, 1), Is.EqualTo(new byte[] { 1 }));
        Assert.That(transaction.Dispose, Throws.InvalidOperationException);
    }

    [TestCaseSource(nameof(Uses))]
    public void A_transaction_that_has_ended_is_of_no_use(Action<LightningTransaction, LightningDatabase> use)
    {
        LightningTransaction transaction = _environment.BeginTransaction();
        transaction.Commit().ThrowOnError();

        Assert.That(() => use(transaction, _database), Throws.InvalidOperationException);
        transaction.Dispose();
        Assert.That(() => use(transaction, _database), Throws.InvalidOperationException);
    }

    [TestCaseSource(nameof(Kinds))]
    public void A_cursor_ends_with_its_transaction(TransactionBeginFlags kind)
    {
        using LightningTransaction transaction = _environment.BeginTransaction(kind);
        using LightningCursor cursor = transaction.CreateCursor(_database);
        transaction.Abort();

        Assert.That(() => cursor.First(), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public void A_child_and_its_cursor_end_with_the_parent()
    {
        LightningTransaction parent = _environment.BeginTransaction();
        LightningCursor parentCursor = parent.CreateCursor(_database);
        LightningTransaction child = _environment.BeginTransaction(parent);
        LightningCursor childCursor = child.CreateCursor(_database);
        child.Put(_database, [2], [2]).ThrowOnError();

        parent.Commit().ThrowOnError();

        Assert.Multiple(() =>
        {
            Assert.That(() => childCursor.First(), Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(() => parentCursor.First(), Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(child.Abort, Throws.Nothing);
            Assert.That(child.Abort, Throws.InvalidOperationException);
            Assert.That(child.Dispose, Throws.Nothing);
            Assert.That(_environment.ReadKeys(_database), Is.EqualTo(new byte[][] { [1], [2] }));
        });
    }

    [Test]
    public void The_map_cannot_grow_under_a_reader_and_the_refused_size_is_remembered_as_in_the_package()
    {
        using (LightningTransaction reader = _environment.BeginTransaction(TransactionBeginFlags.ReadOnly))
        {
            Assert.That(() => _environment.MapSize = 4 << 20, Throws.InstanceOf<LightningException>());
            Assert.That(reader.Read(_database, 1), Is.EqualTo(new byte[] { 1 }));
        }

        _environment.MapSize = 4 << 20;
        using (LightningTransaction writer = _environment.BeginTransaction())
            Assert.That(writer.Put(_database, "key"u8, new byte[2 << 20]), Is.EqualTo(MDBResultCode.MapFull));

        _environment.MapSize = 8 << 20;
        using (LightningTransaction writer = _environment.BeginTransaction())
            Assert.That(writer.Put(_database, "key"u8, new byte[2 << 20]), Is.EqualTo(MDBResultCode.Success));
    }

    [Test]
    public void A_database_whose_handle_goes_with_it_is_disposed_of_before_the_environment()
    {
        using (LightningTransaction transaction = _environment.BeginTransaction(TransactionBeginFlags.ReadOnly))
            transaction.OpenDatabase(LmdbDirectory.Database, closeOnDispose: true).Dispose();

        LightningTransaction last = _environment.BeginTransaction(TransactionBeginFlags.ReadOnly);
        LightningDatabase late = last.OpenDatabase(LmdbDirectory.Database, closeOnDispose: true);
        last.Dispose();
        _environment.Dispose();

        Assert.That(late.Dispose, Throws.InvalidOperationException);
        Assert.That(late.Dispose, Throws.Nothing);
    }

    [Test]
    public void A_database_that_is_disposed_of_is_refused_by_LMDB()
    {
        _database.Dispose();
        using LightningTransaction transaction = _environment.BeginTransaction();

        const int InvalidArgument = 22;
        Assert.That((int)transaction.Put(_database, [2], [2]), Is.EqualTo(InvalidArgument));
    }
}
