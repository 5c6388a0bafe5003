# منشور يتحدث عنه منشور آخر.
quote = اقتباس
quote-by = منشور مقتبس كتبه { $name }
quote-open = فتح المنشور المقتبس
quote-remove = إزالة المنشور المقتبس
quote-missing = المنشور المقتبس لم يصل بعد.
quote-deleted = حُذف المنشور المقتبس.
quote-blocked = المنشور المقتبس لشخص حظرته.
quote-muted = كتمت المنشور المقتبس أو من كتبه.
quote-files = { $count ->
    [zero] لا صور
    [one] صورة واحدة
    [two] صورتان
    [few] { $count } صور
    [many] { $count } صورة
   *[other] { $count } صورة
}
keys-quote = اقتباس المنشور في منشور لك
