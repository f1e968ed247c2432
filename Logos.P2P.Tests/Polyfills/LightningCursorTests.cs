using LightningDB;
using NUnit.Framework;

namespace Logos.P2P.Tests.Polyfills;

/// <summary>Going through a database in the order of its keys.</summary>
[TestFixture]
internal sealed class LightningCursorTests
{
    private LmdbDirectory _directory = null!;
    private LightningEnvironment _environment = null!;
    private LightningDatabase _database = null!;
    private LightningTransaction _transaction = null!;

    private static IEnumerable<TestCaseData> Ranges()
    {
        yield return Case(from: [], first: null, MDBResultCode.BadValSize);
        yield return Case(from: [0], first: [2], MDBResultCode.Success);
        yield return Case(from: [2], first: [2], MDBResultCode.Success);
        yield return Case(from: [2, 0], first: [4], MDBResultCode.Success);
        yield return Case(from: [3], first: [4], MDBResultCode.Success);
        yield return Case(from: [6], first: [6], MDBResultCode.Success);
        yield return Case(from: [7], first: null, MDBResultCode.NotFound);

        static TestCaseData Case(byte[] from, byte[]? first, MDBResultCode result) => new(from, first, result);
    }

    private static IEnumerable<TransactionBeginFlags> Kinds =>
        [TransactionBeginFlags.None, TransactionBeginFlags.ReadOnly];

    [SetUp]
    public void OpenEnvironment()
    {
        _directory = new LmdbDirectory();
        _environment = _directory.Open();
        _database = _environment.CreateDatabase();
        _environment.PutAndCommit(_database, 6, 2, 4);
        _transaction = _environment.BeginTransaction(TransactionBeginFlags.ReadOnly);
    }

    [TearDown]
    public void CloseEnvironment()
    {
        _transaction.Dispose();
        _database.Dispose();
        _environment.Dispose();
        _directory.Dispose();
    }

    [Test]
    public void Pairs_come_in_the_order_of_their_keys()
    {
        using LightningTransaction writer = _environment.BeginTransaction();
        byte[][] keys = [[200], [1], [1, 0], [0], [0, 255], [127], [255, 255], [128]];
        writer.TruncateDatabase(_database).ThrowOnError();

        foreach (byte[] key in keys)
            writer.Put(_database, key, key).ThrowOnError();

        // As unsigned bytes, and a key before those that it begins.
        Assert.That(
            writer.ReadKeys(_database),
            Is.EqualTo(new byte[][] { [0], [0, 255], [1], [1, 0], [127], [128], [200], [255, 255] }));
    }

    [Test]
    public void A_cursor_gives_key_and_value_together()
    {
        using LightningCursor cursor = _transaction.CreateCursor(_database);

        (MDBResultCode result, MDBValue key, MDBValue value) = cursor.First();
        (_, MDBValue sameKey, MDBValue sameValue) = cursor.GetCurrent();

        Assert.Multiple(() =>
        {
            Assert.That(result, Is.EqualTo(MDBResultCode.Success));
            Assert.That(key.CopyToNewArray(), Is.EqualTo(new byte[] { 2 }));
            Assert.That(value.CopyToNewArray(), Is.EqualTo(new byte[] { 2 }));
            Assert.That(sameKey.CopyToNewArray(), Is.EqualTo(new byte[] { 2 }));
            Assert.That(sameValue.CopyToNewArray(), Is.EqualTo(new byte[] { 2 }));
        });
    }

    [Test]
    public void First_begins_again()
    {
        using LightningCursor cursor = _transaction.CreateCursor(_database);
        cursor.Next().resultCode.ThrowOnError();
        cursor.Next().resultCode.ThrowOnError();

        Assert.That(cursor.First().key.CopyToNewArray(), Is.EqualTo(new byte[] { 2 }));
    }

    [TestCaseSource(nameof(Ranges))]
    public void A_range_begins_at_the_key_or_the_next_after_it(byte[] from, byte[]? first, MDBResultCode expected)
    {
        using LightningCursor cursor = _transaction.CreateCursor(_database);

        MDBResultCode result = cursor.SetRange(from);

        Assert.That(result, Is.EqualTo(expected));
        if (first is not null)
            Assert.That(cursor.GetCurrent().key.CopyToNewArray(), Is.EqualTo(first));
    }

    [Test]
    public void Nothing_follows_the_last_pair()
    {
        using LightningCursor cursor = _transaction.CreateCursor(_database);
        cursor.SetRange([6]).ThrowOnError();

        Assert.That(cursor.Next().resultCode, Is.EqualTo(MDBResultCode.NotFound));
    }

    [Test]
    public void An_empty_database_has_no_first_pair()
    {
        using LightningDatabase empty = _environment.CreateDatabase("empty");
        using LightningTransaction transaction = _environment.BeginTransaction(TransactionBeginFlags.ReadOnly);
        using LightningCursor cursor = transaction.CreateCursor(empty);

        Assert.Multiple(() =>
        {
            Assert.That(cursor.First().resultCode, Is.EqualTo(MDBResultCode.NotFound));
            Assert.That(cursor.Next().resultCode, Is.EqualTo(MDBResultCode.NotFound));
        });
    }

    [TestCaseSource(nameof(Kinds))]
    public void A_cursor_may_be_disposed_of_after_its_transaction(TransactionBeginFlags kind)
    {
        LightningTransaction transaction = _environment.BeginTransaction(kind);
        LightningCursor cursor = transaction.CreateCursor(_database);
        cursor.First().resultCode.ThrowOnError();

        transaction.Dispose();
        cursor.Dispose();
        cursor.Dispose();

        Assert.That(_environment.ReadKeys(_database), Has.Length.EqualTo(3));
    }

    [Test]
    public void What_a_cursor_shows_can_be_deleted_on_the_way()
    {
        using LightningTransaction writer = _environment.BeginTransaction();
        using LightningCursor cursor = writer.CreateCursor(_database);
        cursor.SetRange([4]).ThrowOnError();

        writer.Delete(_database, cursor.GetCurrent().key.AsSpan()).ThrowOnError();
        (MDBResultCode result, MDBValue key, _) = cursor.Next();

        Assert.Multiple(() =>
        {
            Assert.That(result, Is.EqualTo(MDBResultCode.Success));
            Assert.That(key.CopyToNewArray(), Is.EqualTo(new byte[] { 6 }));
            Assert.That(writer.ReadKeys(_database), Is.EqualTo(new byte[][] { [2], [6] }));
        });
    }
}
